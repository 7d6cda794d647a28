/** A sign of work, and the way to end it. */
import type { JSX } from 'preact';
import type { Busy } from '../jobs.js';

export function Working({ busy: { what, progress, cancel } }: { readonly busy: Busy }): JSX.Element {
  return (
    <div role="status" class="working">
      <progress {...(progress && { value: progress.done, max: progress.total })} aria-label={what} />
      <span>
        {what}
        {progress && `: ${progress.what}`}
      </span>
      <button type="button" onClick={cancel}>
        Cancel
      </button>
    </div>
  );
}
