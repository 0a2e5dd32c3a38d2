//! By which route the bytes went and why not by a faster one; memory, processor, machine; verification.

use intercut_engine::report::{BytesByRoute, RefusedRouteReport, ReportObject, VerifyObject};
use maud::{Markup, html};

use super::{placing, words};
use crate::text;

pub(super) fn routes(bytes: BytesByRoute, refused: &[RefusedRouteReport]) -> Markup {
    let BytesByRoute { reflink, mapped, staged, kernel, buffered, .. } = bytes;
    let routes = [
        ("reflink", reflink, "blocks shared by the filesystem"),
        ("mapped", mapped, "written directly from the source's mapping"),
        ("staged", staged, "gathered in memory, written directly"),
        ("kernel", kernel, "copied inside the kernel"),
        ("buffered", buffered, "read and written through the page cache"),
    ];
    let all: u64 = routes.iter().map(|(_, bytes, _)| bytes).sum();
    if all == 0 {
        return html! {};
    }
    html! {
        section {
            h2 { "Bytes by route" }
            div class="wide" tabindex="0" role="region" aria-label="Bytes by route" {
                table {
                    thead { tr { th { "route" } th class="n" { "bytes" } th class="n" { "share" } th class="minor" {} th { "how, or why not" } } }
                    tbody {
                        @for (route, bytes, how) in routes {
                            @let reasons: Vec<&str> = reasons(refused, route).collect();
                            tr {
                                td { (route) }
                                td class="n" { @if bytes > 0 { (text::bytes(bytes)) } @else { "-" } }
                                td class="n" { @if bytes > 0 { (words::share(bytes as f64, all as f64)) } }
                                td class="bar minor" { @if bytes > 0 { i style={ "width:" (format!("{:.2}%", bytes as f64 / all as f64 * 100.0)) } {} } }
                                td {
                                    @if bytes > 0 { div { (how) } }
                                    @for reason in &reasons { div { "not: " (reason) } }
                                    @if bytes == 0 && reasons.is_empty() { span class="soft" { "not needed" } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Why a route was not taken, each reason once.
fn reasons<'a>(refused: &'a [RefusedRouteReport], route: &'a str) -> impl Iterator<Item = &'a str> {
    refused
        .iter()
        .filter(move |refused| refused.route == route)
        .map(|refused| refused.reason.as_str())
}

pub(super) fn resources(report: &ReportObject) -> Markup {
    let (memory, cpu, pool) = (report.memory_bytes, report.cpu_seconds, report.pool);
    let seconds = cpu.user + cpu.system;
    let rows = [
        ("budget for staging, reading ahead, hashing and verifying", memory.budget),
        ("peak of staging", memory.staging_peak),
        ("peak of the process's anonymous memory", memory.rss_anonymous_peak),
        ("peak of its resident memory, mapped sources included", report.max_rss),
    ];
    let most = rows.iter().map(|(_, bytes)| *bytes).max().unwrap_or(0).max(1);
    html! {
        section {
            h2 { "Memory and processor" }
            table { tbody {
                @for (what, bytes) in rows {
                    tr {
                        td { (what) } td class="n" { (text::bytes(bytes)) }
                        td class="bar" { i style={ "width:" (format!("{:.2}%", bytes as f64 / most as f64 * 100.0)) } {} }
                    }
                }
            } }
            @if pool.slabs > 0 {
                p class="soft" {
                    "At most " (pool.high_water) " of " (words::counted(pool.slabs, "slab")) " were in use at a time. The run got a free one "
                    (words::counted(pool.hits, "time")) " and had to wait for one " (words::counted(pool.misses, "time")) "."
                }
            }
            p class="soft" {
                "Processor time: " (text::seconds(seconds)) " (" (text::seconds(cpu.user)) " in the program, "
                (text::seconds(cpu.system)) " in the kernel)"
                @if report.seconds.total > 0.0 { ": " (words::share(seconds, report.seconds.total)) " of one core" } "."
            }
        }
    }
}

/// By which options and where.
pub(super) fn made(report: &ReportObject) -> Markup {
    let (host, options) = (&report.host, &report.options);
    let yes = |is_so: bool| if is_so { "yes" } else { "no" };
    html! {
        section {
            h2 { "How it was made" }
            table { tbody {
                tr { th { "route" } td { (options.route) } }
                tr { th { "verification" } td { (options.verify) } }
                tr { th { "header before the media" } td { (yes(options.faststart)) } }
                tr { th { "may replace a file" } td { (yes(options.force)) } }
                tr { th { "memory budget" } td { (text::bytes(options.memory)) } }
                (placing::rows(report))
                tr { th { "host" } td { (host.name) ", " (words::counted(host.cores, "core")) ", " (host.kernel) } }
                @if let Some(filesystem) = &host.filesystem { tr { th { "filesystem" } td { (filesystem) } } }
                @if let Some(disk) = &report.disk { tr { th { "device" } td { (disk.device) } } }
                tr { th { "alignment" } td { (words::counted(report.alignment, "byte")) } }
                tr { th { "intercut" } td { (report.version) } }
            } }
        }
    }
}

/// What a movie is compared with when it is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compared {
    /// The samples that it was spliced from.
    Sources,
    /// What is made for it once more.
    Made,
}

/// - `bytes`: of the movie.
pub(super) fn verification(verify: &VerifyObject, bytes: u64, with: Compared) -> Markup {
    html! {
        section {
            h2 { "Verification" }
            @if verify.mode == "none" {
                p {
                    "The movie was not verified."
                    @if with == Compared::Sources { " " code { "intercut verify" } " can still prove it, sample by sample." }
                }
            } @else {
                p {
                    (words::counted(verify.samples_checked, "sample")) " of all tracks "
                    @if with == Compared::Made { "read back, and every byte compared with what is made for it once more: " }
                    @else if verify.mode == "full" { "hashed from the sources and again from what was written: " }
                    @else { "read back and compared with the sources: " }
                    b { @if verify.mismatches == 0 { "all equal" } @else { (words::grouped(verify.mismatches)) " differ" } } "."
                }
            }
            @if let Some(digests) = &verify.digests {
                div class="wide" tabindex="0" role="region" aria-label="Digests" {
                    table {
                        thead { tr { th { "XXH3-128 of" } th class="n" { "samples" } th class="n" { "bytes" } th { "digest" } } }
                        tbody {
                            @for track in &digests.tracks {
                                tr {
                                    td { "track " (track.id) " (" (track.kind) ")" } td class="n" { (words::grouped(u64::from(track.samples))) }
                                    td class="n" { (text::bytes(track.bytes)) } td class="digest" { (track.digest) }
                                }
                            }
                            tr { td { "the file" } td {} td class="n" { (text::bytes(bytes)) } td class="digest" { (digests.file) } }
                        }
                    }
                }
            }
        }
    }
}
