/** All about the chosen step, and what else could run it. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Alternative, ForcedStep } from 'lanewise';
import { detailsView, formatMicroseconds as microseconds, layoutsText, type ViewData } from 'lanewise/views';
import type { Engine } from '../engine/client.js';
import { elementsOf } from './picture.js';

interface SideProps {
  readonly data: ViewData;
  readonly step: number;
  /** Undefined where only a document is open. */
  readonly engine: Engine | undefined;
  readonly forced: readonly ForcedStep[];
  readonly onForce: (forced: readonly ForcedStep[]) => void;
  readonly onClose: () => void;
}

/** Alternatives that are listed at first. */
const FEW = 12;
/** Where the panel is a sheet over the lower part of the page: as in style.css. */
const SHEET = '(max-width: 800px)';

export function Side({ data, step, engine, forced, onForce, onClose }: SideProps): JSX.Element | null {
  const details = detailsView(data, step);
  useEffect(() => {
    if (!matchMedia(SHEET).matches) return;
    // The style keeps room for the sheet below what is scrolled into view.
    const chosen = `.graph-pane .canvas, #panel [data-step="${step}"]`;
    document.querySelector(chosen)?.scrollIntoView({ block: 'nearest' });
  }, [step]);
  if (!details) return null;
  const { op, name, node } = data.plan.steps[step];
  return (
    <aside class="side" aria-label={`Step ${step + 1}`}>
      <header>
        <h2>
          {step + 1}. {op} <small>{name}</small>
        </h2>
        <button type="button" onClick={onClose} aria-label="Close the details">
          ×
        </button>
      </header>
      {elementsOf(details)}
      {engine && node !== null && (
        <Alternatives
          {...{ data, step, node, engine, forced, onForce }}
          key={`${data.plan.graph.fingerprint} ${node}`}
        />
      )}
    </aside>
  );
}

interface AlternativesProps extends Pick<SideProps, 'data' | 'step' | 'forced' | 'onForce'> {
  readonly node: number;
  readonly engine: Engine;
}

function Alternatives({ data, step, node, engine, forced, onForce }: AlternativesProps): JSX.Element {
  const [ways, setWays] = useState<readonly Alternative[]>();
  const [showsAll, setShowsAll] = useState(false);
  useEffect(() => {
    let isCurrent = true;
    engine.call('alternatives', node).then(
      (found) => isCurrent && setWays(found),
      () => isCurrent && setWays([]),
    );
    return () => {
      isCurrent = false;
    };
  }, [engine, node]);
  const others = forced.filter((one) => one.node !== node);
  const { kernel, inputLayouts, outputLayout } = data.plan.steps[step];
  const isChosen = (way: Alternative): boolean =>
    way.kernel === kernel &&
    layoutsText(way.inputLayouts, way.outputLayout) === layoutsText(inputLayouts, outputLayout);
  const layouts = [...new Set((ways ?? []).map((way) => way.outputLayout))];
  const own = forced.find((one) => one.node === node);
  return (
    <section aria-label="Alternatives">
      <h3>What else could run it</h3>
      {ways === undefined && <p>…</p>}
      <p class="bar">
        <label>
          Force the layout{' '}
          <select
            value={own?.kernel ? '' : (own?.outputLayout ?? '')}
            onChange={({ currentTarget: { value } }) => {
              onForce(value ? [...others, { node, outputLayout: value }] : others);
            }}
          >
            <option value="">as it comes</option>
            {layouts.map((layout) => (
              <option key={layout} value={layout}>
                {layout}
              </option>
            ))}
          </select>
        </label>
        {own && (
          <button type="button" onClick={() => onForce(others)}>
            Release
          </button>
        )}
      </p>
      <ul class="ways">
        {(ways ?? []).slice(0, showsAll ? undefined : FEW).map((way) => (
          <li
            key={`${way.kernel} ${way.inputLayouts.join()} ${way.outputLayout}`}
            class={isChosen(way) ? 'chosen' : ''}
          >
            <code>{way.kernel}</code>
            <span>
              {layoutsText(way.inputLayouts, way.outputLayout)} · {way.cost.origin === 'modelled' && '~'}
              {microseconds(way.cost.median)} µs{way.fused && ' · with the node before it'}
            </span>
            {isChosen(way) ? (
              <em>this plan</em>
            ) : (
              <button
                type="button"
                aria-label={`Force ${way.kernel}`}
                onClick={() => {
                  const [inputLayout] = way.inputLayouts;
                  const wish = { node, kernel: way.kernel, outputLayout: way.outputLayout };
                  onForce([...others, inputLayout ? { ...wish, inputLayout } : wish]);
                }}
              >
                Force
              </button>
            )}
          </li>
        ))}
      </ul>
      {ways && ways.length > FEW && !showsAll && (
        <button type="button" onClick={() => setShowsAll(true)}>
          All {ways.length}
        </button>
      )}
    </section>
  );
}
