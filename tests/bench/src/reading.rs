//! What a process or the whole machine has used, read from /proc. It never waits and never rounds up.

use std::{fs, time::Duration};

use anyhow::{Context as _, Result};

/// Linux tells times to programs in hundredths of a second, whatever its own clock does.
const TICKS_PER_SECOND: u32 = 100;

/// What a process has used so far, in user and in kernel mode, all of its threads.
///
/// # Errors
/// There is no such process.
pub fn processor_time(process: u32) -> Result<Duration> {
    let text = fs::read_to_string(format!("/proc/{process}/stat"))?;
    times(&text).map(|(own, _)| own)
}

/// What the ended children of this process have used.
///
/// # Errors
/// There is no /proc.
pub fn of_ended_children() -> Result<Duration> {
    times(&fs::read_to_string("/proc/self/stat")?).map(|(_, children)| children)
}

/// What the machine has used so far: everything but idling and waiting for a disk.
///
/// # Errors
/// There is no /proc.
pub fn machine() -> Result<Duration> {
    busy(&fs::read_to_string("/proc/stat")?)
}

/// A process's proportional share of memory, in kilobytes.
///
/// # Errors
/// There is no such process, or it may not be read.
pub fn proportional_memory(process: u32) -> Result<u64> {
    memory_line(&fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?, "Pss:")
}

/// A process's resident memory, in kilobytes, shared pages counted whole.
///
/// # Errors
/// There is no such process.
pub fn resident_memory(process: u32) -> Result<u64> {
    memory_line(&fs::read_to_string(format!("/proc/{process}/status"))?, "VmRSS:")
}

fn times(stat: &str) -> Result<(Duration, Duration)> {
    // The name stands in brackets and may hold anything.
    let (_, rest) = stat.rsplit_once(") ").context("no name in /proc/PID/stat")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    // proc_pid_stat(5): fields 14 to 17, and the first of these is field 3.
    let field = |number: usize| -> Result<u32> {
        fields.get(number - 3).context("a short /proc/PID/stat")?.trim().parse().context("/proc/PID/stat")
    };
    Ok((ticks(field(14)? + field(15)?), ticks(field(16)? + field(17)?)))
}

fn busy(stat: &str) -> Result<Duration> {
    let line = stat.lines().find_map(|line| line.strip_prefix("cpu ")).context("no processor in /proc/stat")?;
    let fields = line.split_whitespace().map(str::parse).collect::<Result<Vec<u32>, _>>()?;
    // proc_stat(5): user, nice, system, idle, iowait, irq, softirq; guests' time is in the first two already.
    let [user, nice, system, _idle, _iowait, irq, softirq, ..] = *fields.as_slice() else {
        anyhow::bail!("a short /proc/stat")
    };
    Ok(ticks(user + nice + system + irq + softirq))
}

fn ticks(number: u32) -> Duration {
    Duration::from_secs(u64::from(number)) / TICKS_PER_SECOND
}

fn memory_line(text: &str, name: &str) -> Result<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no {name}"))?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_a_process_whose_name_is_odd() {
        let stat = "42 (a b) c) (S) S 1 42 42 0 -1 4194304 100 0 0 0 150 50 7 3 20 0 5 0 100 1 2 3\n";
        assert_eq!(times(stat).unwrap(), (Duration::from_secs(2), Duration::from_millis(100)));
        assert!(times("42 (short) S 1").is_err());
    }

    #[test]
    fn a_machine_that_idles_is_not_busy() {
        let stat = "cpu  100 20 30 99999 88888 4 6 77 0 0\ncpu0 1 1 1 1 1 1 1\nintr 5\n";
        assert_eq!(busy(stat).unwrap(), Duration::from_millis(1600));
    }

    #[test]
    fn memory_in_kilobytes() {
        let rollup =
            "55d0-7ffe ---p 00000000 00:00 0 [rollup]\nRss:                8044 kB\nPss:                3016 kB\n";
        assert_eq!(memory_line(rollup, "Pss:").unwrap(), 3016);
        assert!(memory_line(rollup, "Swap:").is_err());
    }
}
