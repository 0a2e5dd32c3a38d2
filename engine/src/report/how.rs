//! How a run was asked for and where it ran, as a report says it.
//!
//! - In: the options and the host of a [`Report`].
//! - Out: the keys `options`, `layout` and `host`.
//! - Not here: what the run measured (`measured`).

use intercut_io::Replace;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::splice::{Host, Report};

/// How a movie is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LayoutObject {
    /// A new file, with its media in the base's order.
    Ordered,
}

/// How a movie was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct OptionsObject {
    /// Whether `moov` is before the media.
    pub faststart: bool,
    /// Whether an existing output could be replaced.
    pub force: bool,
    /// `auto`, or the one route that was allowed.
    pub route: String,
    /// `none`, `written` or `full`.
    pub verify: String,
    /// Bytes of memory for staging and reading ahead.
    pub memory: u64,
}

impl OptionsObject {
    pub(super) fn of(report: &Report) -> Self {
        let options = report.options;
        Self {
            faststart: options.faststart,
            force: options.replace == Replace::Allow,
            route: options.route.name().to_owned(),
            verify: options.verify.name().to_owned(),
            memory: options.memory_budget,
        }
    }
}

/// What a run ran on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct HostObject {
    /// Its name on the network.
    pub name: String,
    /// Processors that the process could use.
    pub cores: u64,
    /// Name and release of the kernel.
    pub kernel: String,
    /// Kind of the filesystem of the target, as `mount` calls it; `null` if the system does not tell.
    pub filesystem: Option<String>,
}

impl From<&Host> for HostObject {
    fn from(host: &Host) -> Self {
        Self {
            name: host.name.clone(),
            cores: host.cores as u64,
            kernel: host.kernel.clone(),
            filesystem: host.filesystem.clone(),
        }
    }
}
