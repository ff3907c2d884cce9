//! Links the unwinder into the binary: an office's host may lack libgcc_s, and one file is what we promise.

fn main() {
    println!("cargo::rerun-if-changed=deploy/link");
    let target = std::env::var("TARGET").unwrap_or_default();
    let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    if target.ends_with("linux-gnu") {
        println!("cargo::rustc-link-search=native={folder}/deploy/link");
    }
}
