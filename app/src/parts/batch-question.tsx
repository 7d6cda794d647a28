/** Asks for the batch size of a model that leaves it open, before it is planned. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Question } from '../opened.js';

const MOST = 4096;

/** A batch size out of what was typed: a whole number from 1 on. */
export function batchOf(text: string): number {
  return Math.min(MOST, Math.max(1, Math.floor(Number(text)) || 1));
}

interface BatchInputProps {
  readonly value: string;
  readonly onValue: (value: string) => void;
}

export function BatchInput({ value, onValue }: BatchInputProps): JSX.Element {
  return (
    <label>
      Batch{' '}
      <input
        type="number"
        min={1}
        max={MOST}
        value={value}
        onInput={({ currentTarget }) => onValue(currentTarget.value)}
      />
    </label>
  );
}

export function BatchQuestion({
  question: { name, answer, cancel },
}: {
  readonly question: Question;
}): JSX.Element {
  const [batch, setBatch] = useState('1');
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), [name]);
  return (
    <form
      class="working"
      aria-label="Batch size"
      onSubmit={(event) => {
        event.preventDefault();
        answer(batchOf(batch));
      }}
    >
      <span>{name} leaves its batch open.</span>
      <BatchInput value={batch} onValue={setBatch} />
      <button type="submit" class="main" ref={button}>
        Plan
      </button>
      <button type="button" onClick={cancel}>
        Cancel
      </button>
    </form>
  );
}
