//! A satellite: each UDP packet comes so much later, in both directions. Stands where the kernel has no netem.

use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Result;
use tokio::net::UdpSocket;

/// Serves until it is killed.
pub(super) async fn serve(listen: SocketAddr, to: SocketAddr, late: Duration) -> Result<()> {
    let front = Arc::new(UdpSocket::bind(listen).await?);
    println!("listening on {listen}");
    let mut backs: HashMap<SocketAddr, Arc<UdpSocket>> = HashMap::new();
    let mut buffer = vec![0; 65_536];
    loop {
        let (length, from) = front.recv_from(&mut buffer).await?;
        let packet = buffer.get(..length).unwrap_or_default().to_vec();
        let back = match backs.get(&from) {
            Some(back) => Arc::clone(back),
            None => {
                let unspecified = if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
                let back = Arc::new(UdpSocket::bind(unspecified).await?);
                back.connect(to).await?;
                backs.insert(from, Arc::clone(&back));
                tokio::spawn(answers(Arc::clone(&back), Arc::clone(&front), from, late));
                back
            }
        };
        tokio::spawn(async move {
            tokio::time::sleep(late).await;
            // Lost on the way, as UDP is.
            let _ = back.send(&packet).await;
        });
    }
}

async fn answers(back: Arc<UdpSocket>, front: Arc<UdpSocket>, to: SocketAddr, late: Duration) {
    let mut buffer = vec![0; 65_536];
    while let Ok(length) = back.recv(&mut buffer).await {
        let packet = buffer.get(..length).unwrap_or_default().to_vec();
        let front = Arc::clone(&front);
        tokio::spawn(async move {
            tokio::time::sleep(late).await;
            let _ = front.send_to(&packet, to).await;
        });
    }
}
