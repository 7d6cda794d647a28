/**
 * Time of a run. On WebGPU by the wall clock: how long so many runs take from the first call until the queue is empty, divided
 * by their number, for GPU timestamps are not to be had of the peers there. On CUDA between two events around the runs.
 */

/** Quartiles of samples. */
export function quartiles(samples) {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share) => {
    const position = share * (sorted.length - 1);
    const below = Math.floor(position);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
  };
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** Milliseconds of `runs` runs of a subject: on the GPU's own clock where the subject has it. */
async function elapsed(subject, queue, runs) {
  if (subject.elapsed) return subject.elapsed(runs);
  const start = performance.now();
  await subject.enqueue(runs);
  await queue.onSubmittedWorkDone();
  return performance.now() - start;
}

/**
 * Runs a subject until the GPU has raised its clock and what is compiled lazily is compiled.
 * @param {number} warmUpMs least time
 * @param {number} sampleMs least length of a sample
 * @returns how many runs make a sample
 */
export async function warmUp(subject, queue, { warmUpMs, sampleMs }) {
  const end = performance.now() + warmUpMs;
  let runs = 1;
  let [took, enough] = [0, false];
  do {
    took = await elapsed(subject, queue, runs);
    enough = took >= sampleMs;
    // A quarter more than needed, so that samples stay long enough; the first guesses are far too slow.
    if (!enough) runs = Math.min(2 * runs, Math.ceil((1.25 * runs * sampleMs) / took));
  } while (!enough || performance.now() < end);
  return runs;
}

/**
 * Times subjects in interleaved rounds. One that fails is left out from then on, with its error.
 * @param subjects objects with `enqueue(runs)`, `runs` and `samples`, to which microseconds per run are added
 */
export async function measure(subjects, queue, rounds, onRound) {
  for (let round = 0; round < rounds; round++) {
    for (const subject of subjects) {
      if (subject.error) continue;
      try {
        subject.samples.push(((await elapsed(subject, queue, subject.runs)) * 1e3) / subject.runs);
      } catch (error) {
        subject.error = error;
      }
    }
    onRound(round + 1);
  }
}
