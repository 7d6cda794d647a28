/** Another policy, or forced steps, beside the plan as it was opened. */
import type { JSX } from 'preact';
import type { ForcedStep, PolicyName } from 'lanewise';
import { formatBytes, formatMicroseconds, formatShare, type ViewData } from 'lanewise/views';
import { differences } from '../plans.js';

interface WhatIfProps {
  /** The plan as it was opened, and as it is shown. */
  readonly base: ViewData;
  readonly current: ViewData;
  readonly policy: PolicyName | undefined;
  readonly forced: readonly ForcedStep[];
  /** The document that was planned again here, with the times that it came with. */
  readonly document: ViewData | undefined;
  /** Plans a document's model here; undefined where the model is not to be had. */
  readonly onPlanHere: (() => void) | undefined;
  /** Answers for the device of a document; undefined where that cannot be, or is so already. */
  readonly onPlanThere: (() => void) | undefined;
  /** Undefined where only a document is open. */
  readonly onPlan: ((policy: PolicyName | undefined, forced: readonly ForcedStep[]) => void) | undefined;
  /** Undefined where there is no GPU to measure on. */
  readonly onMeasure: ((data: readonly ViewData[]) => void) | undefined;
}

export function WhatIf({
  base,
  current,
  document,
  policy,
  forced,
  onPlanHere,
  onPlanThere,
  onPlan,
  onMeasure,
}: WhatIfProps): JSX.Element {
  const changed = differences(base.plan, current.plan);
  const nameOf = (node: number): string =>
    current.plan.steps.find((step) => step.node === node)?.name ?? `node ${node}`;
  return (
    <div class="what-if">
      {(!onPlan || onPlanHere) && (
        <OnlyDocument data={base} isAnswered={onPlan !== undefined} {...{ onPlanHere, onPlanThere }} />
      )}
      <section>
        <h2>Policies</h2>
        {base.policies.length === 0 && <p>A saved plan does not know what other policies make of it.</p>}
        <div class="scroll" tabIndex={0} role="region" aria-label="Policies">
          <table class="lw-table fitting policies" role="table">
            <caption>What every policy makes of this network, on the same costs.</caption>
            <thead role="rowgroup">
              <tr role="row">
                <th role="columnheader" scope="col">
                  policy
                </th>
                <th role="columnheader" scope="col" />
                <th role="columnheader" scope="col" class="number">
                  predicted µs
                </th>
                <th role="columnheader" scope="col" class="number">
                  transforms
                </th>
                <th role="columnheader" scope="col" class="number">
                  launches
                </th>
                <th role="columnheader" scope="col" class="number">
                  activations
                </th>
                <th role="columnheader" scope="col">
                  proved
                </th>
              </tr>
            </thead>
            <tbody role="rowgroup">
              {base.policies.map(({ policy: name, totals, optimal }) => (
                <tr key={name} role="row" class={name === current.plan.policy ? 'selected' : ''}>
                  <th role="rowheader" scope="row">
                    {name}
                  </th>
                  <td role="cell">
                    {onPlan && (
                      <button
                        type="button"
                        aria-disabled={name === current.plan.policy}
                        onClick={() => {
                          if (name !== current.plan.policy) onPlan(name, forced);
                        }}
                        aria-label={`Switch to ${name}`}
                      >
                        {name === current.plan.policy ? 'shown' : 'Switch'}
                      </button>
                    )}
                  </td>
                  <td role="cell" class="number" data-title="predicted µs">
                    ~{formatMicroseconds(totals.time)}
                  </td>
                  <td role="cell" class="number" data-title="transforms">
                    {totals.transformCount} (
                    {formatShare(totals.time > 0 ? totals.transforms / totals.time : 0)})
                  </td>
                  <td role="cell" class="number" data-title="launches">
                    {totals.launches}
                  </td>
                  <td role="cell" class="number" data-title="activations">
                    {formatBytes(totals.arenaBytes)}
                  </td>
                  <td role="cell" data-title="proved">
                    {optimal ? 'yes' : 'no'}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
      <section>
        <h2>Forced steps</h2>
        {forced.length === 0 && <p>None. Choose a step in any view, and force one of its alternatives.</p>}
        <ul class="ways">
          {forced.map((one) => (
            <li key={one.node}>
              <code>{one.kernel ?? 'any kernel'}</code>
              <span>
                {nameOf(one.node)} {one.outputLayout && `in ${one.outputLayout}`}
              </span>
              <button
                type="button"
                onClick={() =>
                  onPlan?.(
                    policy,
                    forced.filter(({ node }) => node !== one.node),
                  )
                }
              >
                Release
              </button>
            </li>
          ))}
        </ul>
        {(policy ?? forced[0]) !== undefined && onPlan && (
          <button type="button" onClick={() => onPlan(undefined, [])}>
            Back to the plan as opened
          </button>
        )}
      </section>
      <section>
        <h2>Side by side</h2>
        <Comparison base={base} current={current} document={document} />
        {onMeasure ? (
          <button
            type="button"
            class="main"
            onClick={() => onMeasure(base === current ? [base] : [base, current])}
          >
            Measure both
          </button>
        ) : (
          <p>
            {base.basis
              ? 'This plan is of another device: the command line measures there (lanewise inspect MODEL --measure).'
              : 'There is no GPU here to measure on.'}
          </p>
        )}
        {[...new Set([base.timing, current.timing])].map(
          (timing) =>
            timing && (
              <p key={timing} class="note">
                {timing}
              </p>
            ),
        )}
      </section>
      <section>
        <h2>What changes</h2>
        {changed.length === 0 && <p>Nothing: both run the same kernels in the same layouts.</p>}
        <ul class="changes">
          {changed.map(({ node, name, before, after }) => (
            <li key={node}>
              <strong>{name}</strong> <code>{before.kernel}</code> {before.layout} ~
              {formatMicroseconds(before.time)} µs → <code>{after.kernel}</code> {after.layout} ~
              {formatMicroseconds(after.time)} µs
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}

interface OnlyDocumentProps extends Pick<WhatIfProps, 'onPlanHere' | 'onPlanThere'> {
  readonly data: ViewData;
  /** Whether "what if" is answered on the costs of the device that the document is of. */
  readonly isAnswered: boolean;
}

/** What a document can be asked, and what it takes to ask more. */
function OnlyDocument({
  data: { model, plan, device, isPlanAlone },
  isAnswered,
  onPlanHere,
  onPlanThere,
}: OnlyDocumentProps): JSX.Element {
  return (
    <section class="whole" aria-label="What “what if” rests on">
      {isAnswered && (
        <p>
          Policies and forced steps are planned for {device}, on what was measured there and, where nothing
          was, on its profile.
        </p>
      )}
      {onPlanThere && (
        <p>
          <button type="button" class="main" onClick={onPlanThere}>
            Ask for {device}
          </button>{' '}
          on the costs that came with the document
        </p>
      )}
      {onPlanHere ? (
        <>
          <p>
            This was planned elsewhere. Plan {model} in this page, with the same shapes in {plan.dtype}, to
            see what this browser’s GPU makes of it, beside the document.
          </p>
          <button type="button" class={isAnswered || onPlanThere ? '' : 'main'} onClick={onPlanHere}>
            Plan it in this page
          </button>
        </>
      ) : (
        <p>
          Other policies and forced steps need the model: open it, or start{' '}
          <code>lanewise inspect MODEL{isPlanAlone && ' --plan FILE'}</code>.
        </p>
      )}
    </section>
  );
}

/** Both plans, column by column; the difference in time where there is one. */
function Comparison({
  base,
  current,
  document,
}: Pick<WhatIfProps, 'base' | 'current' | 'document'>): JSX.Element {
  const rows: readonly (readonly [string, (data: ViewData) => string])[] = [
    ...(document ? [['device', ({ device }: ViewData) => device] as const] : []),
    ['policy', ({ plan }) => plan.policy],
    ['predicted', ({ totals }) => `~${formatMicroseconds(totals.time)} µs`],
    ['measured', ({ run }) => (run ? `${formatMicroseconds(run.median)} µs` : 'not yet')],
    ['transforms', ({ totals }) => `${totals.transformCount}, ~${formatMicroseconds(totals.transforms)} µs`],
    ['launches', ({ totals }) => String(totals.launches)],
    ['activations', ({ totals }) => formatBytes(totals.arenaBytes)],
    ['weights', ({ totals }) => formatBytes(totals.constantBytes)],
  ];
  const change = base.totals.time > 0 ? current.totals.time / base.totals.time - 1 : 0;
  return (
    <table class="lw-table fitting">
      <caption>
        Predicted:{' '}
        {change === 0
          ? 'the same time'
          : `${formatShare(Math.abs(change))} ${change > 0 ? 'slower' : 'faster'} than as opened`}
        {base.run &&
          current.run &&
          base.run !== current.run &&
          `; measured: ${formatShare(Math.abs(current.run.median / base.run.median - 1))} ${current.run.median > base.run.median ? 'slower' : 'faster'}`}
      </caption>
      <thead>
        <tr>
          <th scope="col" />
          {document && <th scope="col">the document</th>}
          <th scope="col">as opened</th>
          <th scope="col">what if</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([title, show]) => (
          <tr key={title}>
            <th scope="row">{title}</th>
            {document && <td data-document={title}>{show(document)}</td>}
            <td>{show(base)}</td>
            <td data-what={title}>{show(current)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
