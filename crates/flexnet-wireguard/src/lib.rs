//! WireGuard devices as desired state, for service and gateway.
