//! Area 7: the last sign-in, as the service holds it until the member has seen it.

use anyhow::{Context as _, Result};
use flexnet_protocol::FaultCode;

use super::{Fault, Scene};

pub(super) const FAULTS: &[Fault] = &[
    Fault { name: "locked", words: "Fünf falsche TANs: Zugang gesperrt", code: "KVF-700-3", inject: locked },
    Fault {
        name: "wrong_tan",
        words: "Eine falsche TAN",
        code: "KVF-701-6",
        inject: |scene| {
            let tan = scene.member()?.wrong()?;
            scene.enters(&tan, FaultCode::Refused)
        },
    },
    Fault {
        name: "token_out_of_step",
        words: "Token 40 Tastendrücke voraus",
        code: "KVF-713-8",
        inject: |scene| {
            let member = scene.member()?;
            for _ in 0..40 {
                member.press()?;
            }
            scene.fails_to_sign_in(FaultCode::TokenOutOfStep)
        },
    },
    Fault {
        name: "token_lost",
        words: "Token als verloren gemeldet",
        code: "KVF-714-6",
        inject: |scene| {
            let serial = scene.member()?.serial.clone();
            scene.world.admin(&["token", "lost", &serial])?.expect_ok("token lost")?;
            scene.fails_to_sign_in(FaultCode::TokenLost)
        },
    },
    Fault {
        name: "session_ended",
        words: "Desk beendet die Sitzung",
        code: "KVF-707-5",
        inject: |scene| {
            scene.sign_in()?;
            let name = scene.member()?.username.clone();
            scene.world.admin(&["sessions", "end", &name])?.expect_ok("sessions end")?;
            scene.world.wait_for_state("signed_out")
        },
    },
];

fn locked(scene: &mut Scene) -> Result<()> {
    let mut told = None;
    for _ in 0..5 {
        let tan = scene.member()?.wrong()?;
        let (name, password) = (scene.member()?.username.clone(), scene.member()?.password.clone());
        told = Some(scene.world.connect(&name, &password, &tan)?);
    }
    told.context("no answer")?.expect_fault(FaultCode::Locked)
}
