//! Runs the real binary as a script would.

use std::{
    ffi::OsStr,
    io::Write as _,
    process::{Command, Output, Stdio},
};

/// Runs `yuqing` with these arguments in an empty folder, `input` on its standard input, and nothing of the
/// surroundings that names an office.
pub fn yuqing(arguments: &[impl AsRef<OsStr>], input: &[u8]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_yuqing"))
        .args(arguments)
        .env_remove("YUQING_OFFICE")
        .env_remove("STATE_DIRECTORY")
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // Written beside the reading, so that neither pipe fills up.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}
