//! One file with everything that one run saw and says: HTML that opens anywhere, JSON inside, signed.
