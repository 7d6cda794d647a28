/** Views as elements. */
import { h, type ComponentChildren, type JSX, type VNode } from 'preact';
import type { Markup } from 'lanewise/views';

/** The elements of a view: text stays text. */
export function elementsOf({ tag, attributes, children }: Markup): VNode {
  return h(
    tag,
    attributes,
    ...children.map((child) => (typeof child === 'string' ? child : elementsOf(child))),
  );
}

/** The step that an event is about. */
export function stepOf(target: EventTarget | null): number | undefined {
  const element = target instanceof Element ? target.closest('[data-step]') : null;
  const step = element?.getAttribute('data-step') ?? null;
  return step === null ? undefined : Number(step);
}

interface StepsProps {
  readonly count: number;
  readonly selected: number | undefined;
  readonly onSelect: (step: number | undefined) => void;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** Around a view: a click chooses a step, the arrow keys go from step to step. */
export function Steps({ count, selected, onSelect, children, ...rest }: StepsProps): JSX.Element {
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = stepOf(event.target);
    const move = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    if (event.key === 'Enter' || event.key === ' ') onSelect(step);
    else if (event.key === 'Escape') onSelect(undefined);
    else if (move !== undefined) {
      const next = Math.max(0, Math.min(count - 1, (selected ?? step) + move));
      onSelect(next);
      const root = event.currentTarget;
      if (root instanceof Element) root.querySelector<SVGElement>(`[data-step="${next}"]`)?.focus();
    } else return;
    event.preventDefault();
  };
  return (
    <div
      {...rest}
      onClick={(event) => {
        const step = stepOf(event.target);
        if (step !== undefined) onSelect(step);
      }}
      onKeyDown={onKeyDown}
    >
      {children}
    </div>
  );
}
