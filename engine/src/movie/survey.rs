//! As much of a movie as can be read.
//!
//! - In: a file's length, and a closure that reads it.
//! - Out: [`Survey`]: a [`Movie`], or what its header says and why it is no more than that.
//! - Not here: which of it is shown to whom.

use super::pictures::Pictures;
use super::{Movie, MovieError, Obstacles, Outline};
use crate::atom::file::Header;
use crate::atom::{ReadAt, ReadError};

/// As much of a movie as can be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum Survey {
    /// A movie whose frames are known.
    Movie(Box<Movie>),
    /// A movie of which only the header can be described, and why.
    Outline(Box<Outline>, MovieError),
}

impl Survey {
    /// Reads what can be read of a movie; see [`Movie::read`].
    ///
    /// # Errors
    /// [`ReadError::Read`] as `read` gave it, [`MovieError`] if the file has no header that can be read.
    pub fn read<E>(
        file_len: u64,
        read: &mut ReadAt<'_, E>,
    ) -> Result<Self, ReadError<E, MovieError>> {
        let (header, flaw) = Header::read(file_len, read).map_err(ReadError::widen)?;
        let outline = Outline::read(header, flaw, read).map_err(ReadError::Read)?;
        let fault = outline.faults().next().cloned();
        if let Some(fault) = fault {
            return Ok(Self::Outline(Box::new(outline), fault));
        }
        match Pictures::read(&outline, read) {
            Ok(pictures) => {
                let obstacles = obstacles(&outline, pictures.video);
                Ok(Self::Movie(Box::new(Movie { outline, pictures, obstacles })))
            }
            Err(ReadError::Format(error)) => Ok(Self::Outline(Box::new(outline), error)),
            Err(ReadError::Read(error)) => Err(ReadError::Read(error)),
        }
    }

    /// The movie, if its frames are known.
    ///
    /// # Errors
    /// Why they are not.
    pub fn into_movie(self) -> Result<Movie, MovieError> {
        match self {
            Self::Movie(movie) => Ok(*movie),
            Self::Outline(_, error) => Err(error),
        }
    }

    /// The movie, if its frames are known.
    pub fn movie(&self) -> Option<&Movie> {
        match self {
            Self::Movie(movie) => Some(movie),
            Self::Outline(..) => None,
        }
    }

    /// What its header says.
    pub fn outline(&self) -> &Outline {
        match self {
            Self::Movie(movie) => &movie.outline,
            Self::Outline(outline, _) => outline,
        }
    }

    /// Why it cannot be spliced: the codec first; empty for a movie that can be.
    pub fn obstacles(&self) -> Vec<MovieError> {
        match self {
            Self::Movie(movie) => movie.obstacles.all().cloned().map(MovieError::from).collect(),
            Self::Outline(outline, error) => {
                let videos = outline
                    .enabled_videos()
                    .flat_map(|track| track.obstacles.iter().chain(&track.picture_obstacles));
                let mut all: Vec<MovieError> = videos.cloned().map(MovieError::from).collect();
                all.extend(outline.faults().cloned());
                if !all.contains(error) {
                    all.push(error.clone());
                }
                all
            }
        }
    }
}

/// What stands in the way of a splice of a movie whose frames are known.
fn obstacles(outline: &Outline, video: usize) -> Obstacles {
    let mut found = Obstacles::NONE;
    for track in outline.tracks() {
        if track.index == video {
            found
                .of_pictures
                .extend(track.obstacles.iter().chain(&track.picture_obstacles).cloned());
        } else {
            found.of_the_rest.extend(track.obstacles.iter().cloned());
        }
        found.of_the_rest.extend(track.file_offsets.clone());
    }
    found.of_the_rest.extend(outline.file_offsets.iter().cloned());
    found
}
