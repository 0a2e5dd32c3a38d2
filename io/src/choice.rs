//! The routes by name: which one to take, which one was refused.
//!
//! - Out: [`Route`], [`RouteChoice`], [`RefusedRoute`], [`RouteBytes`].
//! - Not here: how a route moves bytes (`route`), in which order they are tried (`execute`).

use std::fmt;

/// A way of moving bytes into the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Route {
    /// The filesystem shares the source's blocks.
    Reflink,
    /// Direct writes straight from the source's mapping.
    Mapped,
    /// Direct writes from slabs that the source was read into.
    Staged,
    /// `copy_file_range`.
    Kernel,
    /// Positioned reads and writes through the page cache.
    Buffered,
}

impl Route {
    /// Every route, the most direct first.
    pub const ALL: [Route; 5] =
        [Route::Reflink, Route::Mapped, Route::Staged, Route::Kernel, Route::Buffered];

    /// The route's name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Route::Reflink => "reflink",
            Route::Mapped => "mapped",
            Route::Staged => "staged",
            Route::Kernel => "kernel",
            Route::Buffered => "buffered",
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Bytes by the route that carried them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RouteBytes(pub(crate) [u64; Route::ALL.len()]);

impl RouteBytes {
    /// Those that `route` carried.
    pub fn by(&self, route: Route) -> u64 {
        self.0[route as usize]
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

/// Which route to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum RouteChoice {
    /// The best that works, found by trying.
    #[default]
    Auto,
    /// This one, or an error.
    Only(Route),
}

impl RouteChoice {
    /// `auto`, or the route's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Only(route) => route.name(),
        }
    }
}

/// Why a route was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusedRoute {
    /// The route's name; or `io_uring`, without which direct writes are made by threads, more slowly.
    pub name: &'static str,
    /// Why, as a sentence without a full stop.
    pub reason: String,
}
