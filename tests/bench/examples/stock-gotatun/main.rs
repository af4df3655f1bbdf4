//! gotatun as it comes, with its own TUN and its own UDP sockets, set up by `wg`: `stock-gotatun NAME`. It ends when it is killed.
//! It is what ours is measured against, and no part of the product.

mod os;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let name = std::env::args().nth(1).ok_or_else(|| anyhow::anyhow!("stock-gotatun NAME"))?;
    os::serve(&name).await
}
