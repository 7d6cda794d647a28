/** What there is to open. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { NETWORK_NAMES } from 'lanewise';
import type { DataFile } from '../engine/protocol.js';
import type { LinkedSource } from '../fragment.js';
import { BatchInput, batchOf } from './batch-question.js';

interface StartProps {
  readonly onFiles: (files: readonly DataFile[]) => void;
  readonly onLinked: (source: LinkedSource, batch: number) => void;
}

export function Start({ onFiles, onLinked }: StartProps): JSX.Element {
  const [name, setName] = useState<string>('resnet50');
  const [batch, setBatch] = useState('1');
  return (
    <main class="start" tabIndex={-1}>
      <h1>See where a network’s memory traffic goes</h1>
      <div class="drop">
        <p>
          Drop an <code>.onnx</code> file here (together with the files of its weights, where it has some), a
          plan that <code>lanewise explain</code> wrote, or a device’s profile.
        </p>
        <label class="file main">
          Choose files
          <input
            type="file"
            multiple
            onChange={({ currentTarget: { files } }) => {
              if (files?.length) onFiles(Array.from(files, (file) => ({ path: file.name, file })));
            }}
          />
        </label>
        <small>It is planned and run in this page, and never leaves it.</small>
      </div>
      <p>
        <button type="button" class="main" onClick={() => onLinked({ kind: 'demo' }, 1)}>
          Handwritten digits
        </button>{' '}
        a small trained network, to draw for
      </p>
      <form
        class="bar"
        onSubmit={(event) => {
          event.preventDefault();
          onLinked({ kind: 'network', name }, batchOf(batch));
        }}
      >
        <label>
          Network{' '}
          <select value={name} onChange={({ currentTarget: { value } }) => setName(value)}>
            {NETWORK_NAMES.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
        <BatchInput value={batch} onValue={setBatch} />
        <button type="submit">Open</button>
        <small>with random weights</small>
      </form>
    </main>
  );
}
