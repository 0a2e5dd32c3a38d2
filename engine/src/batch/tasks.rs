//! Some jobs of a batch, run here, while others run elsewhere.
//!
//! - In: a batch, and which of its jobs this run does.
//! - Out: which jobs those are; what stands against them by what the others read and write.
//! - Holds: the other jobs are not opened and not planned. Of them it is known what they write, and the files that they
//!   name: what lies in their folders of clips is not looked for.
//! - Not here: what stands against a job by itself (`prepare`).

use std::collections::HashMap;
use std::path::Path;

use intercut_io::FileId;

use super::Batch;
use super::error::JobError;
use super::output::conflicts;
use super::prepare::PreparedJob;

impl Batch {
    /// The jobs that this run does, by their places in the batch.
    pub(super) fn chosen(&self) -> Vec<usize> {
        let all = 0..self.jobs.len();
        match &self.tasks {
            Some(tasks) => all.filter(|job| tasks.contains(job)).collect(),
            None => all.collect(),
        }
    }

    /// The outputs of all jobs; an empty path where one has none.
    pub(super) fn output_paths(&self) -> Vec<&Path> {
        self.jobs.iter().map(|job| job.output_path().unwrap_or(Path::new(""))).collect()
    }

    /// Refuses jobs whose output another job writes or reads, or whose source another run writes.
    ///
    /// - `jobs`: those that are chosen.
    /// - `same`: for each job of the batch, another with the same output.
    /// - `sources`: of each of `jobs`.
    pub(super) fn refuse_conflicts(
        &self,
        jobs: &mut [PreparedJob],
        same: &[Option<usize>],
        sources: Vec<Vec<FileId>>,
    ) {
        let outputs = self.output_paths();
        let mut read: Vec<Vec<FileId>> = self.jobs.iter().map(|_| Vec::new()).collect();
        let mut is_elsewhere = vec![true; self.jobs.len()];
        for (job, sources) in jobs.iter().zip(sources) {
            (read[job.index], is_elsewhere[job.index]) = (sources, false);
        }
        for (job, read) in read.iter_mut().enumerate().filter(|(job, _)| is_elsewhere[*job]) {
            *read = self.jobs[job].named_paths().filter_map(FileId::at).collect();
        }
        let readers = conflicts::sources_of_others(&outputs, &read);
        let written_elsewhere: HashMap<FileId, usize> = (0..self.jobs.len())
            .filter(|job| is_elsewhere[*job])
            .filter_map(|job| Some((FileId::at(outputs[job])?, job)))
            .collect();
        for job in jobs {
            let (index, output) = (job.index, job.output.clone());
            if let Some(other) = same[index] {
                let (base, other) = (job.base.clone(), self.jobs[other].base_path().to_owned());
                job.refuse(JobError::SameOutput { output: output.clone(), base, other });
            }
            if let Some(reader) = readers[index] {
                job.refuse_for_good(JobError::OutputIsSource {
                    output: output.clone(),
                    other: outputs[reader].to_owned(),
                });
            }
            if let Some(writer) = read[index].iter().find_map(|file| written_elsewhere.get(file)) {
                let written = outputs[*writer].to_owned();
                job.refuse(JobError::OutputIsSource { output: written, other: output });
            }
        }
    }
}
