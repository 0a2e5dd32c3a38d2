//! The content check against every scene, treatment and offset: the table of what was said of what was true.
//!
//! `cargo run --release -p intercut-tests --example content [SCENE]` makes the movies (about ten minutes at first; they are kept
//! under the target folder) and checks some 5,000 clips. It fails if a right clip is called wrong, or a static one right.

use std::collections::BTreeMap;
use std::process::ExitCode;

use intercut_engine::plan::ContentFinding;
use intercut_tests::content::Case;
use intercut_tests::media::shots::{Change, Kind, SCENES, Scene, TREATMENTS};

/// A row of the table, and the verdicts that fell into it.
type Table = BTreeMap<String, BTreeMap<&'static str, usize>>;

fn main() -> ExitCode {
    let only = std::env::args().nth(1);
    let is_wanted = |scene: &Scene| only.as_ref().is_none_or(|only| scene.name == only);
    let mut table = Table::new();
    let mut faults = 0;
    for base in SCENES.into_iter().filter(is_wanted) {
        for case in cases(base) {
            let found = case.finding();
            let said = said(&case, &found);
            for row in [row(&case), format!("scene: {}", base.name)] {
                *table.entry(row).or_default().entry(said).or_default() += 1;
            }
            if is_fault(&case, &found) || std::env::var_os("CONTENT_ALL").is_some() {
                faults += usize::from(is_fault(&case, &found));
                println!(
                    "{} | {} | {} | {:+} | {} {:?} margin {:.3} places {} {:?}",
                    base.name,
                    case.scene.name,
                    case.treatment.name,
                    case.offset,
                    found.verdict.name(),
                    found.offset,
                    found.margin.share(),
                    found.places,
                    found.note.map(|note| note.name())
                );
            }
        }
    }
    print(&table);
    println!("{faults} faults");
    if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Every clip for a base: right ones, shifted ones, and those of another scene.
fn cases(base: Scene) -> impl Iterator<Item = Case> {
    let own = TREATMENTS.into_iter().flat_map(move |treatment| {
        (-5..=5).map(move |offset| Case { base, scene: base, treatment, offset })
    });
    let others = SCENES.into_iter().filter(move |scene| scene.name != base.name);
    let others = others.flat_map(move |scene| {
        let grades = TREATMENTS.into_iter().take(2);
        grades.map(move |treatment| Case { base, scene, treatment, offset: 0 })
    });
    own.chain(others)
}

/// Which row of the table a case belongs to.
fn row(case: &Case) -> String {
    let kind = match case.base.kind {
        Kind::Moving => "moving",
        Kind::Even => "even",
        Kind::Static => "static",
        Kind::Blank => "blank",
    };
    let change = match case.treatment.change {
        Change::Grade => "graded",
        Change::Framing => "reframed",
        Change::Times => "retimed",
    };
    let truth = match case.offset {
        _ if case.scene.name != case.base.name => "another scene",
        0 => "right",
        _ => "shifted",
    };
    format!("{kind}, {change}, {truth}")
}

/// What was said, as far as the truth is concerned.
fn said(case: &Case, found: &ContentFinding) -> &'static str {
    match found.verdict.name() {
        "shifted" if found.offset == Some(case.offset.into()) => "shifted, as it is",
        "shifted" => "shifted, otherwise",
        name => name,
    }
}

/// Whether a person would be misled.
fn is_fault(case: &Case, found: &ContentFinding) -> bool {
    match found.verdict.name() {
        "shifted" | "other" if case.is_right() => true,
        // Whatever is said of a retimed clip is right somewhere.
        _ if case.treatment.change == Change::Times => false,
        "fits" => case.base.kind == Kind::Static || !case.is_right() && case.can_be_told(),
        "shifted" => case.can_be_told() && found.offset != Some(case.offset.into()),
        _ => false,
    }
}

fn print(table: &Table) {
    const COLUMNS: [&str; 6] =
        ["fits", "shifted, as it is", "shifted, otherwise", "other", "cannot_tell", "no_reference"];
    println!("{:34}{}", "", COLUMNS.map(|column| format!("{column:>20}")).concat());
    for (row, counts) in table {
        let cells = COLUMNS.map(|column| match counts.get(column) {
            Some(count) => format!("{count:>20}"),
            None => format!("{:>20}", "."),
        });
        println!("{row:34}{}", cells.concat());
    }
}
