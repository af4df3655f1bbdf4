//! The results as tables for a person, with ours against the best wireguard-go of the same run.

use std::{collections::BTreeMap, fmt::Write as _};

use crate::{
    iperf::Load,
    statistics::Spread,
    subject::Subject,
    throughput::{Results, Sample},
};

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Better {
    More,
    Less,
}

/// One measure with its figure for each subject.
struct Row {
    name: String,
    better: Better,
    figures: BTreeMap<Subject, Spread>,
}

/// Markdown: medians, below them the spread, and ratios.
pub fn throughput(results: &Results) -> String {
    let rows = rows(results);
    let subjects: Vec<Subject> =
        Subject::ALL.into_iter().filter(|s| rows.iter().any(|row| row.figures.contains_key(s))).collect();
    let mut text = String::from("| median of the rounds (least to most) |");
    for subject in &subjects {
        let _ = write!(text, " {} |", subject.name());
    }
    text.push_str(" ours to the best wireguard-go |\n|---|");
    text.push_str(&"---:|".repeat(subjects.len() + 1));
    text.push('\n');
    for row in &rows {
        let _ = write!(text, "| {} |", row.name);
        for subject in &subjects {
            match row.figures.get(subject) {
                Some(spread) => {
                    let _ = write!(text, " {} |", shown(spread));
                }
                None => text.push_str(" |"),
            }
        }
        let _ = writeln!(text, " {} |", row.ratio().map(|ratio| format!("{ratio:.2}")).unwrap_or_default());
    }
    let others = Spread::of(results.samples.iter().map(|sample| sample.others));
    if let Some(others) = others {
        let _ = writeln!(text, "\nProcessors that other work on this machine kept busy meanwhile: {}", shown(&others));
    }
    for missing in &results.missing {
        let _ = writeln!(text, "Not measured, for it could not be had: {missing}");
    }
    text
}

fn rows(results: &Results) -> Vec<Row> {
    let of = |load: Load, what: &str, better, figure: fn(&Sample) -> Option<f64>| Row {
        name: format!("{}: {what}", load.name()),
        better,
        figures: results.spread(load, figure),
    };
    let mut rows = Vec::new();
    for load in Load::ALL {
        match load {
            Load::Tcp { .. } => rows.push(of(load, "Gbit/s", Better::More, |s| Some(s.gigabits_per_second))),
            Load::SmallPackets => {
                rows.push(of(load, "1000/s", Better::More, |s| s.packets_per_second.map(|n| n / 1e3)));
            }
        }
    }
    for load in Load::ALL {
        rows.push(of(load, "CPU s/GB of both ends", Better::Less, |s| {
            (s.seconds_per_gigabyte > 0.0).then_some(s.seconds_per_gigabyte)
        }));
    }
    for load in Load::ALL {
        rows.push(of(load, "CPU s/GB with iperf3", Better::Less, |s| Some(s.all_seconds_per_gigabyte)));
    }
    let megabytes = |kilobytes: f64| kilobytes / 1024.0;
    let idle = results.memory_spread(|memory| megabytes(memory.idle));
    let after = results.memory_spread(|memory| megabytes(memory.after));
    rows.push(Row { name: "memory of one end idle, MiB".to_owned(), better: Better::Less, figures: idle });
    rows.push(Row { name: "memory of one end after, MiB".to_owned(), better: Better::Less, figures: after });
    rows
}

impl Row {
    /// Ours to the best wireguard-go, medians. Above 1 is more, whichever is better.
    fn ratio(&self) -> Option<f64> {
        let theirs = self.figures.iter().filter(|(subject, _)| subject.is_wireguard_go()).map(|(_, s)| s.median);
        let best = match self.better {
            Better::More => theirs.max_by(f64::total_cmp),
            Better::Less => theirs.min_by(f64::total_cmp),
        }?;
        Some(self.figures.get(&Subject::Ours)?.median / best)
    }
}

fn shown(spread: &Spread) -> String {
    let digits = if spread.most < 10.0 { 2 } else { usize::from(spread.most < 100.0) };
    let Spread { median, least, most } = spread;
    format!("**{median:.digits$}** ({least:.digits$}–{most:.digits$})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::throughput::Memory;

    fn sample(subject: Subject, load: Load, speed: f64, cost: f64) -> Sample {
        Sample {
            round: 1,
            subject: subject.name(),
            load: load.name(),
            gigabits_per_second: speed,
            packets_per_second: None,
            lost: None,
            seconds_per_gigabyte: cost,
            all_seconds_per_gigabyte: cost + 1.0,
            machine_seconds_per_gigabyte: cost + 2.0,
            others: 0.5,
        }
    }

    #[test]
    fn ours_is_set_against_the_best_of_them() {
        let load = Load::Tcp { streams: 1, back: false };
        let samples = vec![
            sample(Subject::Ours, load, 3.0, 4.0),
            sample(Subject::WireguardGoBookworm, load, 1.0, 16.0),
            sample(Subject::WireguardGoTrixie, load, 2.0, 8.0),
            // No wireguard-go, so it is not what ours is set against.
            sample(Subject::Gotatun, load, 9.0, 1.0),
        ];
        let memory = vec![Memory { round: 1, subject: Subject::Ours.name(), idle: 2048.0, after: 4096.0 }];
        let text = throughput(&Results { samples, memory, missing: vec!["somebody"] });
        let line = |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap().to_owned();
        assert!(line("| TCP 1 there: Gbit/s").ends_with("| 1.50 |"), "{text}");
        assert!(line("| TCP 1 there: CPU s/GB of both").ends_with("| 0.50 |"), "{text}");
        assert!(line("| memory of one end after").contains("**4.00**"), "{text}");
        assert!(text.contains("could not be had: somebody"));
        let columns = |line: &str| line.matches('|').count();
        assert!(text.lines().take(15).all(|l| columns(l) == columns(text.lines().next().unwrap())), "{text}");
    }
}
