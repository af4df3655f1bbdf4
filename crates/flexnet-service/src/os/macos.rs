//! macOS: the network is not built yet; Ctrl-C stops the service.

pub use super::absent::{
    System, belongs_to_the_administrator, end_with_stacks, is_administrator, keep_segments_small, leave_no_core,
    machine_environment, make_private_folder, mark_as_ours, now, open_without_waiting, sync_folder, tell_manager,
};

/// Waits for the word to stop.
pub async fn stopped() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
