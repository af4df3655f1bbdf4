//! `kv-flexnet-token`: the demo token. It plays the device with the button: Enter shows the TAN of this moment (TOTP, RFC 6238: SHA-1, 6 digits, 30 s).
//! For demo and tests only: who has the seed file has the token. Never talks to anything.

use std::{
    fs,
    io::{self, BufRead, Write},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use data_encoding::BASE32_NOPAD;
use totp_rs::{Algorithm, Builder, Totp};
use zeroize::Zeroizing;

/// Der TAN-Generator der Vorführung: Enter zeigt die TAN.
#[derive(Debug, Parser)]
#[command(name = "kv-flexnet-token", version)]
struct Arguments {
    /// Datei mit dem Schlüssel des Tokens (base32)
    #[arg(long)]
    seed_file: PathBuf,
    /// Weitermachen bis zum Ende der Eingabe: jedes Enter ist ein Tastendruck
    #[arg(long)]
    watch: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut device = Device::from_file(&arguments.seed_file)?;
    run(&mut device, &arguments, &mut io::stdin().lock(), &mut io::stdout().lock(), now)
}

fn run(
    device: &mut Device,
    arguments: &Arguments,
    input: &mut impl BufRead,
    output: &mut impl Write,
    now: impl Fn() -> Result<u64>,
) -> Result<()> {
    loop {
        write!(output, "Enter drücken für die TAN ")?;
        output.flush()?;
        if input.read_line(&mut String::new())? == 0 {
            writeln!(output)?;
            if arguments.watch {
                return Ok(());
            }
            bail!("Ohne Tastendruck gibt es keine TAN.");
        }
        writeln!(output, "{}\n", device.press(now()?))?;
        output.flush()?;
        if !arguments.watch {
            return Ok(());
        }
    }
}

/// Seconds since 1970.
fn now() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH).context("Die Uhr steht vor 1970.")?.as_secs())
}

/// The device: its seed, and the step whose TAN it showed last.
struct Device {
    totp: Totp,
    shown: Option<u64>,
}

const STEP: u64 = 30;

impl Device {
    fn from_file(path: &Path) -> Result<Self> {
        let text =
            Zeroizing::new(fs::read_to_string(path).with_context(|| format!("{} ist nicht lesbar", path.display()))?);
        Self::from_base32(&text).with_context(|| format!("{} enthält keinen Schlüssel in base32", path.display()))
    }

    fn from_base32(text: &str) -> Result<Self> {
        let plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != '=').collect();
        let plain = Zeroizing::new(plain.to_ascii_uppercase());
        // Without the source: it would name characters of the seed.
        let Ok(seed) = BASE32_NOPAD.decode(plain.as_bytes()) else { bail!("unerlaubte Zeichen") };
        let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_step_duration(STEP);
        let Ok(totp) = builder.with_skew(0).with_secret(seed).build() else { bail!("der Schlüssel ist zu kurz") };
        Ok(Self { totp, shown: None })
    }

    /// What the display says when the button is pressed at this second.
    fn press(&mut self, now: u64) -> String {
        let step = now / STEP;
        let left = seconds(STEP - now % STEP);
        let tan = Zeroizing::new(self.totp.generate(now).to_string());
        let (front, back) = tan.split_at(tan.len() / 2);
        if self.shown.replace(step) == Some(step) {
            return format!(
                "{front} {back}   (dieselbe wie eben; eine TAN gilt nur einmal, die nächste gibt es in {left})"
            );
        }
        format!("{front} {back}   (noch {left})")
    }
}

fn seconds(count: u64) -> String {
    if count == 1 { "1 Sekunde".to_owned() } else { format!("{count} Sekunden") }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// The seed of RFC 6238, appendix B: the ASCII text 12345678901234567890.
    const SEED: &str = "gezd gnbv gy3t qojq gezd gnbv gy3t qojq\n";

    fn arguments(watch: bool) -> Arguments {
        Arguments { seed_file: PathBuf::new(), watch }
    }

    #[test]
    fn the_tan_is_that_of_the_standard() {
        // Appendix B gives eight digits; these are their last six.
        for (time, tan) in [(59, "287 082"), (1_111_111_109, "081 804"), (2_000_000_000, "279 037")] {
            let shown = Device::from_base32(SEED).unwrap().press(time);
            assert!(shown.starts_with(tan), "{time}: {shown}");
        }
    }

    #[test]
    fn a_tan_shown_again_says_so_and_when_the_next_one_comes() {
        let mut device = Device::from_base32(SEED).unwrap();
        assert_eq!(device.press(59), "287 082   (noch 1 Sekunde)");
        assert!(device.press(60).ends_with("(noch 30 Sekunden)"));
        let again = device.press(72);
        assert!(again.contains("dieselbe") && again.contains("in 18 Sekunden"), "{again}");
        assert!(device.press(90).ends_with("(noch 30 Sekunden)"));
    }

    #[test]
    fn one_press_ends_it_and_watching_goes_on_to_the_end_of_the_input() {
        let clock = Cell::new(0);
        let tick = || {
            clock.set(clock.get() + STEP);
            Ok(clock.get())
        };
        for (watch, shown) in [(false, 1), (true, 3)] {
            let mut output = Vec::new();
            let mut device = Device::from_base32(SEED).unwrap();
            run(&mut device, &arguments(watch), &mut "\n\n\n".as_bytes(), &mut output, tick).unwrap();
            assert_eq!(String::from_utf8(output).unwrap().matches("noch 30 Sekunden").count(), shown);
        }
    }

    #[test]
    fn without_a_press_there_is_no_tan() {
        let mut output = Vec::new();
        let mut device = Device::from_base32(SEED).unwrap();
        assert!(run(&mut device, &arguments(false), &mut "".as_bytes(), &mut output, || Ok(59)).is_err());
        assert!(!String::from_utf8(output).unwrap().contains("287"));
    }

    #[test]
    fn a_broken_seed_is_refused_without_showing_it() {
        for seed in ["", "AAAA", "GEZDGNBVGY3TQOJQ1"] {
            let error = format!("{:?}", Device::from_base32(seed).err().unwrap());
            assert!(seed.is_empty() || !error.contains(seed), "{error}");
        }
    }
}
