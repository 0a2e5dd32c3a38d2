//! Whether a contender wrote what it should.
//!
//! - In: the finished movie that `intercut verify` proved, and each result.
//! - Out: nothing, or [`VersusError::WrongResult`].
//! - Holds: a result that should be the same file has the same length and the same hash; FFmpeg's, which has another
//!   header and no gaps, has the same frames with the same bytes; the limit's has as many bytes, all allocated.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use twox_hash::XxHash3_128;

use crate::cache;
use crate::contender::Contender;
use crate::error::VersusError;
use crate::measure;

/// Bytes of one read.
const READ_LEN: usize = 4 << 20;

/// What a right result is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Length of the finished movie in bytes.
    pub len: u64,
    digest: String,
    frames: String,
    streams: String,
}

impl Expected {
    /// What the finished movie is.
    ///
    /// # Errors
    /// [`VersusError`] where it cannot be read, by us or by FFmpeg.
    pub fn of(finished: &Path) -> Result<Self, VersusError> {
        let len = len(finished)?;
        let (digest, frames) = (digest(finished)?, frames(finished)?);
        let expected = Self { len, digest, frames, streams: streams(finished)? };
        cache::evict(finished)?;
        Ok(expected)
    }

    /// Checks what `contender` wrote to `output`.
    ///
    /// # Errors
    /// [`VersusError::WrongResult`], or what reading it failed with.
    pub fn check(&self, contender: Contender, output: &Path) -> Result<(), VersusError> {
        let differs = |what, found: &str, expected: &str| {
            if found == expected {
                return Ok(());
            }
            let (found, expected) = (found.to_owned(), expected.to_owned());
            Err(VersusError::WrongResult { contender: contender.name(), what, found, expected })
        };
        match contender {
            Contender::Raw(..) => {
                let metadata = output.metadata().map_err(VersusError::io("examine", output))?;
                let allocated = 512 * metadata.blocks();
                if metadata.len() >= self.len && allocated >= self.len {
                    return Ok(());
                }
                let found = metadata.len().min(allocated).to_string();
                differs("the number of bytes", &found, &self.len.to_string())
            }
            Contender::Ffmpeg => {
                differs("the number of frames", &frames(output)?, &self.frames)?;
                differs("the hash of the streams", &streams(output)?, &self.streams)
            }
            _ => {
                let found = len(output)?.to_string();
                differs("the length", &found, &self.len.to_string())?;
                differs("the hash", &digest(output)?, &self.digest)
            }
        }
    }
}

fn len(path: &Path) -> Result<u64, VersusError> {
    Ok(path.metadata().map_err(VersusError::io("examine", path))?.len())
}

/// XXH3 of all bytes, 128 bits.
fn digest(path: &Path) -> Result<String, VersusError> {
    let mut file = File::open(path).map_err(VersusError::io("open", path))?;
    let (mut hasher, mut buffer) = (XxHash3_128::new(), vec![0; READ_LEN]);
    loop {
        let count = file.read(&mut buffer).map_err(VersusError::io("read", path))?;
        if count == 0 {
            return Ok(format!("{:032x}", hasher.finish_128()));
        }
        hasher.write(&buffer[..count]);
    }
}

/// Frames by the sample table, which `ffprobe` reads.
fn frames(path: &Path) -> Result<String, VersusError> {
    let mut command = Command::new("ffprobe");
    command.args(["-v", "error", "-select_streams", "v", "-show_entries", "stream=nb_frames"]);
    command.args(["-of", "csv=p=0"]).arg(path);
    Ok(measure::finish(&mut command)?.trim().to_owned())
}

/// A hash of the bytes of all packets of each stream of pictures and sound.
fn streams(path: &Path) -> Result<String, VersusError> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-i"]).arg(path);
    command.args(["-map", "0:v", "-map", "0:a?", "-c", "copy"]);
    command.args(["-f", "streamhash", "-hash", "murmur3", "-"]);
    measure::finish(&mut command)
}
