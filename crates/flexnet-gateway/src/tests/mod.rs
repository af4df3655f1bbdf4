//! Tests over real HTTPS.
