/** The page. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import {
  formatBytes,
  formatMicroseconds,
  memoryView,
  networkTime,
  plural,
  rooflineView,
  timelineView,
  type ViewData,
} from 'lanewise/views';
import { exportFile, save } from './exports.js';
import { TABS, type Tab } from './fragment.js';
import { filesOf } from './dropped.js';
import type { DataFile } from './engine/protocol.js';
import { useInspector } from './inspector.js';
import type { Inspector } from './opened.js';
import { BatchQuestion } from './parts/batch-question.js';
import { DevicePage } from './parts/device-page.js';
import { ExportMenu } from './parts/export-menu.js';
import { GraphPane } from './parts/graph-pane.js';
import { Steps, elementsOf } from './parts/picture.js';
import { Side } from './parts/side.js';
import { Start } from './parts/start.js';
import { TablePane } from './parts/table-pane.js';
import { TryIt } from './parts/try-it.js';
import { WhatIf } from './parts/what-if.js';
import { Working } from './parts/working.js';

const TAB_NAMES: Readonly<Record<Tab, string>> = {
  graph: 'Graph',
  table: 'Table',
  roofline: 'Roofline',
  timeline: 'Timeline',
  memory: 'Memory',
  whatif: 'What if',
  try: 'Try it',
};

const NO_PICTURE = 'This view is no picture: choose the graph, the roofline, the timeline or the memory.';

export function App(): JSX.Element {
  const inspector = useInspector();
  const { current, busy, problem, opened, question, devices } = inspector;
  const isOver = useDrop(inspector.openFiles);
  const page = useRef<HTMLDivElement>(null);
  useFocus(page, current ? 'plan' : devices ? 'devices' : 'start', opened?.base);
  return (
    <div ref={page} class={`page${isOver ? ' over' : ''}`}>
      <Header inspector={inspector} />
      {busy && <Working busy={busy} />}
      {problem && (
        <div role="alert" class="problem">
          <p>{problem.message}</p>
          <button type="button" onClick={inspector.dismiss}>
            Dismiss
          </button>
        </div>
      )}
      {question && <BatchQuestion question={question} />}
      {current && opened ? (
        <Opened inspector={inspector} data={current} />
      ) : devices ? (
        <DevicePage devices={devices} />
      ) : (
        <Start onFiles={inspector.openFiles} onLinked={inspector.openLinked} />
      )}
    </div>
  );
}

/**
 * Puts the focus at the begin of what is new where all of it is, for who uses the keyboard or listens.
 * @param shown what is shown, of whatever
 */
function useFocus(page: { readonly current: HTMLElement | null }, ...shown: readonly unknown[]): void {
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) page.current?.querySelector('main')?.focus({ preventScroll: true });
    isFirst.current = false;
  }, shown);
}

/** Files that are dropped anywhere. @returns whether one hovers above the page */
function useDrop(onFiles: (files: Promise<readonly DataFile[]>) => void): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const onOver = (event: DragEvent): void => {
      event.preventDefault();
      setOver(true);
    };
    const onLeave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent): void => {
      event.preventDefault();
      setOver(false);
      if (event.dataTransfer) onFiles(filesOf(event.dataTransfer));
    };
    addEventListener('dragover', onOver);
    addEventListener('dragleave', onLeave);
    addEventListener('drop', onDrop);
    return () => {
      removeEventListener('dragover', onOver);
      removeEventListener('dragleave', onLeave);
      removeEventListener('drop', onDrop);
    };
  }, []);
  return isOver;
}

function Header({ inspector }: { readonly inspector: Inspector }): JSX.Element {
  const { current, devices } = inspector;
  return (
    <header class="head">
      <strong>Lanewise inspector</strong>
      {current && (
        <>
          <h1 class="model">{current.model}</h1>
          <span class="grow" />
          <ExportMenu
            onExport={(kind) => {
              const { state, placed } = inspector;
              const file = exportFile(kind, { data: current, placed, ...state });
              if (file) save(file);
              else inspector.fail(new Error(NO_PICTURE));
            }}
          />
        </>
      )}
      {!current && devices && <span class="model">{devices.name}</span>}
      {!current && <span class="grow" />}
      {(current ?? devices) && (
        <button type="button" onClick={inspector.close}>
          Open another
        </button>
      )}
      <ThemeButton />
    </header>
  );
}

/** Light or dark, for as long as the page is open; as the system has it at first. */
function ThemeButton(): JSX.Element {
  const [isDark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  return (
    <button
      type="button"
      onClick={() => {
        document.documentElement.dataset['theme'] = isDark ? 'light' : 'dark';
        setDark(!isDark);
      }}
    >
      {isDark ? 'Light' : 'Dark'}
    </button>
  );
}

function Opened({
  inspector,
  data,
}: {
  readonly inspector: Inspector;
  readonly data: ViewData;
}): JSX.Element {
  const { state, update, opened } = inspector;
  const { tab, step } = state;
  const tabs = TABS.filter((one) => one !== 'try' || (opened?.image && opened.gpu !== 'none'));
  const shown = tabs.includes(tab) ? tab : 'graph';
  const onTabKey = (event: KeyboardEvent): void => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (move === undefined) return;
    const next = tabs[(tabs.indexOf(shown) + move + tabs.length) % tabs.length];
    update({ tab: next });
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <main class="opened" tabIndex={-1}>
      <Summary inspector={inspector} data={data} />
      <div role="tablist" aria-label="Views" class="tabs" onKeyDown={onTabKey}>
        {tabs.map((one) => (
          <button
            key={one}
            id={`tab-${one}`}
            type="button"
            role="tab"
            aria-selected={one === shown}
            aria-controls="panel"
            tabIndex={one === shown ? 0 : -1}
            onClick={() => update({ tab: one })}
          >
            {TAB_NAMES[one]}
          </button>
        ))}
      </div>
      <div class="panes">
        <div id="panel" role="tabpanel" aria-labelledby={`tab-${shown}`} class={`pane ${shown}`}>
          <Pane inspector={inspector} data={data} tab={shown} />
        </div>
        {step !== undefined && shown !== 'try' && shown !== 'whatif' && (
          <Side
            data={data}
            step={step}
            engine={opened?.engine}
            forced={state.forced}
            onForce={(forced) => inspector.plan(state.policy, forced)}
            onClose={() => update({ step: undefined })}
          />
        )}
      </div>
    </main>
  );
}

function Summary({
  inspector,
  data,
}: {
  readonly inspector: Inspector;
  readonly data: ViewData;
}): JSX.Element {
  const { opened, measure, state, busy } = inspector;
  const { time, what } = networkTime(data);
  const { plan, profile, totals, device, notes } = data;
  const where = profile
    ? {
        measured: `costs by the profile of this device`,
        shipped: `costs by the profile ${profile.name}, which ships`,
        estimated: 'costs by a guess: nobody has measured this device',
      }[profile.source]
    : 'costs as they were saved with the plan';
  return (
    <section class="summary" aria-label="Summary">
      <p class="time">
        <strong>{formatMicroseconds(time)} µs</strong> <em>{what}</em>
        {data.run && <small>; ~{formatMicroseconds(totals.time)} µs predicted</small>}
      </p>
      <p>
        {device} · {where} · policy <b>{plan.policy}</b>
        {plan.optimal && ' (proved the cheapest that it allows)'}
        {state.forced.length > 0 && ` with ${state.forced.length} forced`} · {plan.dtype} ·{' '}
        {plural(plan.steps.length, 'step')}, {plural(totals.transformCount, 'transform')} ·{' '}
        {formatBytes(totals.arenaBytes)} of activations
      </p>
      {opened?.gpu === 'software' && (
        <p class="warn">
          This browser has a software adapter only: it computes on the CPU. Its times say nothing of a GPU,
          and predictions are a guess.
        </p>
      )}
      {opened?.engine && opened.gpu === 'none' && !opened.base.basis && (
        <p class="warn">
          No GPU here: planned for a device of which only the profile is known. Nothing can be run.
        </p>
      )}
      {notes.map((note) => (
        <p key={note} class="warn">
          {note}
        </p>
      ))}
      {data.timing && <p class="note">{data.timing}</p>}
      {opened && opened.gpu !== 'none' && (
        <button
          type="button"
          aria-disabled={busy !== undefined}
          onClick={() => {
            if (!busy) measure([data]);
          }}
        >
          {data.measured ? 'Measure again' : 'Measure'}
        </button>
      )}
    </section>
  );
}

interface PaneProps {
  readonly inspector: Inspector;
  readonly data: ViewData;
  readonly tab: Tab;
}

function Pane({ inspector, data, tab }: PaneProps): JSX.Element {
  const { state, update, opened, base = data, placed } = inspector;
  const onSelect = (step: number | undefined): void => update({ step });
  const selected = state.step;
  const picture = (view: ReturnType<typeof rooflineView>): JSX.Element => (
    <Steps count={data.plan.steps.length} selected={selected} onSelect={onSelect} class="scroll">
      {view ? (
        elementsOf(view)
      ) : (
        <p>
          A saved plan does not say what its device can do: the roofs need the model, `lanewise inspect MODEL
          --plan FILE`.
        </p>
      )}
    </Steps>
  );
  switch (tab) {
    case 'graph':
      return (
        <GraphPane
          {...{ data, placed, selected, onSelect }}
          colouring={state.colouring}
          onColouring={(colouring) => update({ colouring })}
        />
      );
    case 'table':
      return <TablePane {...{ data, selected, onSelect }} />;
    case 'roofline':
      return picture(rooflineView(data, selected));
    case 'timeline':
      return picture(timelineView(data, selected));
    case 'memory':
      return picture(memoryView(data, selected));
    case 'whatif':
      return (
        <WhatIf
          base={base}
          current={data}
          policy={state.policy}
          forced={state.forced}
          document={opened?.document}
          onPlanHere={inspector.planHere}
          onPlanThere={inspector.planThere}
          onPlan={opened?.engine ? inspector.plan : undefined}
          onMeasure={opened && opened.gpu !== 'none' ? inspector.measure : undefined}
        />
      );
    case 'try':
      return opened?.engine && opened.image ? (
        <TryIt
          data={data}
          engine={opened.engine}
          image={opened.image}
          step={selected}
          onProblem={inspector.fail}
          onAnswer={inspector.dismiss}
        />
      ) : (
        <p>This model does not take a picture.</p>
      );
  }
}
