//! Linux only, as the bench is.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub(crate) use linux::serve;

/// Says that there is nothing to serve with.
#[cfg(not(target_os = "linux"))]
pub(crate) async fn serve(_name: &str) -> anyhow::Result<()> {
    anyhow::bail!("Linux only")
}
