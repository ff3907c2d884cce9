//! The `yuqing` command: arguments in, exit code out.

fn main() -> std::process::ExitCode {
    yuqing::cli::main()
}
