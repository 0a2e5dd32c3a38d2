//! Small programs for profiling.
