/** What there is to open. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { NETWORK_NAMES } from 'lanewise';
import type { LinkedSource } from '../fragment.js';
import { BatchInput, batchOf } from './batch-question.js';

interface StartProps {
  readonly onFile: (file: File) => void;
  readonly onLinked: (source: LinkedSource, batch: number) => void;
}

export function Start({ onFile, onLinked }: StartProps): JSX.Element {
  const [name, setName] = useState<string>('resnet50');
  const [batch, setBatch] = useState('1');
  return (
    <main class="start">
      <h1>See where a network’s memory traffic goes</h1>
      <div class="drop">
        <p>
          Drop an <code>.onnx</code> file here, a plan that <code>lanewise explain</code> wrote, or a device’s
          profile.
        </p>
        <label class="file main">
          Choose a file
          <input
            type="file"
            accept=".onnx,.json"
            onChange={({ currentTarget: { files } }) => {
              const [file] = files ?? [];
              if (file) onFile(file);
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
