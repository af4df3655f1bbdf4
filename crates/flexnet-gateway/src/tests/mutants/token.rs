//! Tokens: spent once, brought back by what is unspent, in one state, and one owner's.

use super::*;
use crate::tokens::{self, Learn, Owner, Token};

pub async fn keep(ground: &Ground) -> Kept {
    are_spent_once(ground).await?;
    come_back_by_what_is_unspent(ground).await?;
    have_one_owner_and_one_state(ground).await
}

async fn are_spent_once(ground: &Ground) -> Kept {
    for learn in [Learn::Nothing, Learn::Drift] {
        let write = &mut ground.database.write().await?;
        let (one, other) = (usable(write, ground, 1).await?, usable(write, ground, 2).await?);
        let found = |number: usize| [one.find(&ground.tans[number], 0).unwrap()];
        ensure!(tokens::spend_all(write, &found(5), learn).await?);
        ensure!(!tokens::spend_all(write, &found(5), learn).await?);
        ensure!(!tokens::spend_all(write, &found(2), learn).await?);
        ensure!(usable(write, ground, 2).await?.find(&ground.others[0], 0) == other.find(&ground.others[0], 0));
        tokens::lose(write, "T-m.eins").await?;
        ensure!(!tokens::spend_all(write, &found(7), learn).await?);
    }
    Ok(())
}

async fn come_back_by_what_is_unspent(ground: &Ground) -> Kept {
    for (spent, lost, comes) in [(4, false, true), (5, false, false), (6, false, false), (4, true, false)] {
        let write = &mut ground.database.write().await?;
        let (one, other) = (usable(write, ground, 1).await?, usable(write, ground, 2).await?);
        let pair = one.find_pair(&ground.tans[5], &ground.tans[6], 0).unwrap();
        // Somebody else's request comes between the look and this.
        ensure!(tokens::spend_all(write, &[one.find(&ground.tans[spent], 0).unwrap()], Learn::Nothing).await?);
        if lost {
            tokens::lose(write, "T-m.eins").await?;
        }
        let serial = tokens::back_in_step(write, pair).await?;
        ensure!(serial.as_deref() == comes.then_some("T-m.eins"));
        ensure!(usable(write, ground, 2).await?.find(&ground.others[0], 0) == other.find(&ground.others[0], 0));
    }
    Ok(())
}

async fn have_one_owner_and_one_state(ground: &Ground) -> Kept {
    let write = &mut ground.database.write().await?;
    let keys = &ground.keys;
    let (member, clerk) = (Owner::Account(1), Owner::Staff(ground.clerk));
    let (other, boss) = (Owner::Account(2), Owner::Staff(ground.boss));
    for serial in ["A", "B", "C", "D", "E"] {
        tokens::add(write, keys, None, &new_token(serial), 0).await?;
    }
    tokens::assign(write, "A", member).await?;
    ensure!(tokens::assign(write, "A", other).await.is_err());
    tokens::assign(write, "B", clerk).await?;
    tokens::assign(write, "C", boss).await?;
    ensure!(serials(write, keys, member).await? == ["T-m.eins", "A"]);
    ensure!(serials(write, keys, other).await? == ["T-n.zwei"]);
    ensure!(serials(write, keys, clerk).await? == ["B"] && serials(write, keys, boss).await? == ["C"]);

    ensure!(tokens::lose(write, "D").await.is_err());
    ensure!(state(write, "D").await? == "stock");
    ensure!(tokens::lose(write, "A").await? == member && tokens::lose(write, "A").await? == member);
    ensure!(serials(write, keys, member).await? == ["T-m.eins"]);
    ensure!(serials(write, keys, other).await? == ["T-n.zwei"]);

    ensure!(tokens::withdraw(write, "A").await? == Some(member));
    ensure!(tokens::withdraw(write, "E").await?.is_none());
    ensure!(tokens::lose(write, "A").await.is_err());
    for (owner, lost, beside) in [(member, "T-m.eins", other), (clerk, "B", boss)] {
        let untouched = serials(write, keys, beside).await?;
        ensure!(tokens::lose_all(write, owner).await? == [lost]);
        ensure!(tokens::lose_all(write, owner).await?.is_empty());
        ensure!(serials(write, keys, owner).await?.is_empty());
        ensure!(serials(write, keys, beside).await? == untouched);
    }
    ensure!(state(write, "A").await? == "withdrawn" && state(write, "D").await? == "stock");
    Ok(())
}

async fn usable(write: &mut Write, ground: &Ground, account: i64) -> anyhow::Result<Token> {
    let mut tokens = tokens::usable(write, &ground.keys, Owner::Account(account)).await?;
    ensure!(tokens.len() == 1);
    Ok(tokens.remove(0))
}

/// Of the tokens that somebody can use.
async fn serials(write: &mut Write, keys: &Keys, owner: Owner) -> anyhow::Result<Vec<String>> {
    let mut serials = Vec::new();
    for token in tokens::usable(write, keys, owner).await? {
        let select = sqlx::query_scalar("SELECT serial FROM token WHERE id = $1").bind(token.id);
        serials.push(select.fetch_one(&mut **write).await?);
    }
    Ok(serials)
}

async fn state(write: &mut Write, serial: &str) -> sqlx::Result<String> {
    sqlx::query_scalar("SELECT state FROM token WHERE serial = $1").bind(serial).fetch_one(&mut **write).await
}

fn new_token(serial: &str) -> NewToken {
    NewToken {
        serial: serial.into(),
        kind: Kind::Hotp,
        hash: Hash::Sha1,
        digits: 6,
        period: 30,
        seed: Zeroizing::new(vec![9; 20]),
    }
}
