//! Workloads: made once, kept in a folder outside the tree.
//!
//! - In: a folder, a name, a scale. Out: [`Workload`]: where its movies are.
//! - Holds: a workload appears under its name whole; one whose recipe changed is made again.

mod build;
mod recipe;

use std::fs;
use std::path::{Path, PathBuf};

pub use recipe::{ClipRecipe, Pictures, Recipe, Sound, WorkloadName};

use crate::error::VersusError;

/// Name of the file that holds the recipe that a workload was made by.
const STAMP: &str = "recipe.json";

/// A workload that is there.
#[derive(Debug, Clone)]
pub struct Workload {
    /// Which one.
    pub name: WorkloadName,
    /// What each side of its pictures was shrunk by.
    pub scale: f64,
    /// What it is.
    pub recipe: Recipe,
    /// The base.
    pub base: PathBuf,
    /// The folder of the clips.
    pub clips: PathBuf,
}

impl Workload {
    /// The workload `name` at `scale`, made now if it is not in `folder` yet.
    ///
    /// # Errors
    /// [`VersusError`] where it cannot be made; nothing is left then.
    pub fn prepare(folder: &Path, name: WorkloadName, scale: f64) -> Result<Self, VersusError> {
        let recipe = Recipe::new(name, scale);
        let place = folder.join(format!("{}-{scale}", name.name()));
        let stamp = serde_json::to_string_pretty(&recipe).expect("a recipe has a form in JSON");
        let made_by = fs::read_to_string(place.join(STAMP)).unwrap_or_default();
        if made_by != stamp {
            eprintln!("making the workload {} at scale {scale} (once)", name.name());
            make(&recipe, &stamp, &place)?;
        }
        Ok(Self { name, scale, recipe, base: place.join("base.mov"), clips: place.join("clips") })
    }

    /// Every movie of it: the base, then the clips in the order of the base.
    pub fn files(&self) -> Vec<PathBuf> {
        let clips = self.recipe.clips.iter().map(|clip| self.clips.join(&clip.name));
        std::iter::once(self.base.clone()).chain(clips).collect()
    }
}

fn make(recipe: &Recipe, stamp: &str, place: &Path) -> Result<(), VersusError> {
    let mut unfinished = place.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = PathBuf::from(unfinished);
    remove(place)?;
    remove(&unfinished)?;
    fs::create_dir_all(&unfinished).map_err(VersusError::io("create", &unfinished))?;
    let made = build::build(recipe, &unfinished).and_then(|()| {
        let path = unfinished.join(STAMP);
        fs::write(&path, stamp).map_err(VersusError::io("write", &path))?;
        fs::rename(&unfinished, place).map_err(VersusError::io("rename", &unfinished))
    });
    if made.is_err() {
        remove(&unfinished)?;
    }
    made
}

fn remove(folder: &Path) -> Result<(), VersusError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(VersusError::io("remove", folder)(error))
        }
        _ => Ok(()),
    }
}
