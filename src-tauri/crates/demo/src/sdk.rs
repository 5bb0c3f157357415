//! The Coflux SDKs that the project is tried with, each in a Python environment of its own.

use std::path::{Path, PathBuf};

/// A version of the Coflux SDK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sdk {
    /// As the package index calls it.
    pub version: &'static str,
    /// The environment variable that tells tests where an interpreter with it is.
    pub variable: &'static str,
}

impl Sdk {
    /// The one the demo runs with.
    pub const NEWEST: Self = Self { version: "0.12.0", variable: "HINDCAST_TEST_PYTHON_0_12" };

    /// The one the shop's runs were recorded with.
    pub const RECORDED: Self = Self { version: "0.11.1", variable: "HINDCAST_TEST_PYTHON_0_11" };

    /// All that speak the protocol of lines.
    pub const ALL: [Self; 4] = [
        Self { version: "0.9.1", variable: "HINDCAST_TEST_PYTHON_0_9" },
        Self { version: "0.10.0", variable: "HINDCAST_TEST_PYTHON_0_10" },
        Self::RECORDED,
        Self::NEWEST,
    ];

    /// Those before it, which need the bridge. The last one needs Python 3.12, and may be missing.
    pub const OLD: [Self; 6] = [
        Self { version: "0.2.6", variable: "HINDCAST_TEST_PYTHON_0_2" },
        Self::SEED,
        Self { version: "0.4.0", variable: "HINDCAST_TEST_PYTHON_0_4" },
        Self { version: "0.5.0", variable: "HINDCAST_TEST_PYTHON_0_5" },
        Self { version: "0.7.0", variable: "HINDCAST_TEST_PYTHON_0_7" },
        Self { version: "0.8.1", variable: "HINDCAST_TEST_PYTHON_0_8" },
    ];

    /// The one whose memo keys come from functions, in environments with a base: what the runs of
    /// `fixtures/seed-era` were recorded with.
    pub const SEED: Self = Self { version: "0.3.0", variable: "HINDCAST_TEST_PYTHON_0_3" };

    /// The oldest minor version of Python 3 that it runs with, beyond what all others need.
    pub fn oldest_python(&self) -> u32 {
        // Classes with type parameters (PEP 695), whatever its metadata says.
        if self.version == "0.8.1" { 12 } else { 11 }
    }

    /// The Python environment with it that `cargo xtask` makes below Cargo's target folder.
    pub fn environment(&self, target: &Path) -> PathBuf {
        target.join(format!("python/coflux-{}", self.version))
    }

    /// The interpreter of that environment.
    pub fn interpreter(&self, target: &Path) -> PathBuf {
        self.environment(target).join("bin/python")
    }

    /// The interpreter tests run with: the one the variable names, else the one of that environment.
    ///
    /// # Panics
    /// If it is not there: a test without it would prove nothing.
    pub fn for_tests(&self, target: &Path) -> PathBuf {
        let named = std::env::var_os(self.variable).map(PathBuf::from);
        let python = named.unwrap_or_else(|| self.interpreter(target));
        assert!(python.is_file(), "{} is not there: run `cargo xtask test`", python.display());
        python
    }
}
