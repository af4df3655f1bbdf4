//! The stacks of all threads of a process that hangs, written to its log, and its end.
//!
//! Each thread is asked by a signal and walks its own stack inside the handler. The handler takes no lock and no memory of ours: it writes instruction
//! pointers into a fixed place. The unwinder beneath it finds its tables by `_dl_find_object` (glibc 2.35, GCC 12), which takes no lock either; on an older
//! system it may wait for the loader's, and then the alarm ends the process without that stack. Names are looked up afterwards, outside the handler.
//! A thread that the kernel does not let go has no stack of its own to show: what it waits for in there is told for every thread.

#![expect(unsafe_code, reason = "a signal to one thread, and what is done on its stack, have no safe interface")]

use std::{
    ffi::c_void,
    fs,
    sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering::SeqCst},
    thread::sleep,
    time::Duration,
};

use nix::{
    libc,
    sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction},
    unistd::{alarm, getpid, gettid},
};

/// Everything must be told in so many seconds; then the kernel ends the process, whatever hangs.
const LIMIT: u32 = 20;
/// How often, and after which pauses, is looked whether a thread has walked its stack.
const LOOKS: u32 = 500;
const LOOK: Duration = Duration::from_millis(1);
/// Deeper stacks are cut.
const DEPTH: usize = 128;
/// Nothing else uses it here.
const SIGNAL: Signal = Signal::SIGUSR2;

/// The thread that is asked.
static ASKED: AtomicI32 = AtomicI32::new(0);
static WALKED: AtomicBool = AtomicBool::new(false);
static FRAMES: [AtomicUsize; DEPTH] = [const { AtomicUsize::new(0) }; DEPTH];

/// Writes `why` and the stacks of all threads to standard error, and ends the process as by a fault.
pub fn end_with_stacks(why: &str) -> ! {
    alarm::set(LIMIT);
    // Past the log's lock: whoever hangs may hold it.
    tell(&format!("ERROR {why}: the service ends. Stacks of all threads:\n"));
    each_thread(tell);
    std::process::abort()
}

fn tell(text: &str) {
    let (log, mut rest) = (std::io::stderr(), text.as_bytes());
    while let Ok(written @ 1..) = rustix::io::write(&log, rest) {
        rest = rest.get(written..).unwrap_or_default();
    }
}

fn each_thread(mut tell: impl FnMut(&str)) {
    let action = SigAction::new(SigHandler::Handler(walk), SaFlags::SA_RESTART | SaFlags::SA_ONSTACK, SigSet::empty());
    // SAFETY: the handler keeps to what may be done in one, as the module says.
    let caught = unsafe { sigaction(SIGNAL, &action) }.is_ok();
    let own = gettid().as_raw();
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    for thread in tasks.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok()) {
        tell(&about(thread));
        if thread == own {
            tell("   (this one, which tells)\n");
        } else if caught && ask(thread) {
            FRAMES.iter().map(|frame| frame.load(SeqCst)).take_while(|&ip| ip != 0).for_each(|ip| tell(&frame(ip)));
        } else {
            tell("   does not answer\n");
        }
    }
}

/// Asks a thread to walk its stack; `true` once it has.
fn ask(thread: i32) -> bool {
    WALKED.store(false, SeqCst);
    FRAMES.iter().for_each(|frame| frame.store(0, SeqCst));
    ASKED.store(thread, SeqCst);
    // SAFETY: a signal with a handler, to a thread of this process; if the thread is gone the call fails.
    let sent = unsafe { libc::syscall(libc::SYS_tgkill, getpid().as_raw(), thread, SIGNAL as libc::c_int) };
    sent == 0
        && (0..LOOKS).any(|_| {
            sleep(LOOK);
            WALKED.load(SeqCst)
        })
}

/// Runs on the stack of the thread that is asked.
extern "C" fn walk(_: libc::c_int) {
    // SAFETY: the place belongs to this thread, and what was interrupted must find it as it was.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: as above.
    let before = unsafe { *errno };
    if ASKED.load(SeqCst) == gettid().as_raw() && !WALKED.load(SeqCst) {
        let mut places = FRAMES.iter();
        // SAFETY: only the handler walks, one thread at a time, so the library's own lock is not needed.
        unsafe {
            backtrace::trace_unsynchronized(|frame| {
                places.next().inspect(|place| place.store(frame.ip() as usize, SeqCst)).is_some()
            });
        }
        WALKED.store(true, SeqCst);
    }
    // SAFETY: as above.
    unsafe { *errno = before };
}

/// What the kernel knows of a thread: name, state, system call, and where in the kernel it waits.
fn about(thread: i32) -> String {
    let read = |what: &str| fs::read_to_string(format!("/proc/self/task/{thread}/{what}")).unwrap_or_default();
    let state =
        read("status").lines().find_map(|line| line.strip_prefix("State:")).unwrap_or_default().trim().to_owned();
    let call = read("syscall");
    let call = call.split_whitespace().next().unwrap_or("unknown");
    format!("thread {thread} {:?}, {state}, system call {call}, waits in {:?}\n", read("comm").trim(), read("wchan"))
}

/// A line of a stack: the place in the file that was built, which its symbols name also where this one has none, and the function.
fn frame(ip: usize) -> String {
    let mut line = format!("   {ip:#x} {}", place(ip).unwrap_or_default());
    backtrace::resolve(ip as *mut c_void, |symbol| {
        if let Some(name) = symbol.name() {
            line += &format!(" {name:#}");
        }
        if let (Some(file), Some(number)) = (symbol.filename(), symbol.lineno()) {
            line += &format!(" {}:{number}", file.display());
        }
    });
    line + "\n"
}

/// File and offset in it as mapped, by /proc/self/maps.
fn place(ip: usize) -> Option<String> {
    let maps = fs::read_to_string("/proc/self/maps").ok()?;
    maps.lines().find_map(|line| {
        let mut fields = line.split_whitespace();
        let (from, to) = fields.next()?.split_once('-')?;
        let (from, to) = (usize::from_str_radix(from, 16).ok()?, usize::from_str_radix(to, 16).ok()?);
        let offset = usize::from_str_radix(fields.nth(1)?, 16).ok()?;
        let file = fields.nth(2)?;
        (from..to)
            .contains(&ip)
            .then(|| format!("{}+{:#x}", file.rsplit('/').next().unwrap_or(file), ip - from + offset))
    })
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread};

    use super::*;

    #[inline(never)]
    fn waits_for_a_word(word: &mpsc::Receiver<()>) -> bool {
        std::hint::black_box(word.recv()).is_ok()
    }

    #[test]
    fn every_thread_is_told_with_its_stack() {
        let (give, word) = mpsc::channel();
        let thread = thread::Builder::new().name("sleeper".into()).spawn(move || waits_for_a_word(&word)).unwrap();
        let mut told = String::new();
        // The thread may not be there yet when it is asked first.
        while !told.contains("waits_for_a_word") {
            told.clear();
            each_thread(|text| told.push_str(text));
        }
        assert!(told.contains("\"sleeper\", S (sleeping)"), "{told}");
        assert!(told.contains("this one, which tells"), "{told}");
        give.send(()).unwrap();
        thread.join().unwrap();
    }
}
