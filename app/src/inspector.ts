/** What is open, and all that can be done with it: the page's state, as a hook. */
import type { ForcedStep, PolicyName, Progress } from 'lanewise';
import type { PlacedGraph, ViewData } from 'lanewise/views';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { parseDocument } from './document.js';
import { EngineError, layoutEngine, modelEngine, type Engine } from './engine/client.js';
import type { ImageInput, MeasuredPlan, OpenRequest, OpenedModel, Source } from './engine/protocol.js';
import { START, formatFragment, parseFragment, type LinkedSource, type PageState } from './fragment.js';
import { planKey, withTimes } from './measured.js';

/** A model, or a document alone. */
interface Opened {
  /** The plan as it was opened. */
  readonly base: ViewData;
  /** Absent for a document. */
  readonly engine: Engine | undefined;
  readonly gpu: OpenedModel['gpu'];
  readonly image: ImageInput | undefined;
  /** What a link to it says; nothing for a dropped file. */
  readonly link: Pick<PageState, 'source' | 'batch'>;
}

export interface Problem {
  readonly message: string;
  readonly name: string;
}

export interface Busy {
  readonly what: string;
  readonly progress: Progress | undefined;
}

export interface Inspector {
  readonly state: PageState;
  readonly opened: Opened | undefined;
  /** The plan as opened, and as shown, with what was measured of them. */
  readonly base: ViewData | undefined;
  readonly current: ViewData | undefined;
  readonly placed: PlacedGraph | undefined;
  readonly busy: Busy | undefined;
  readonly problem: Problem | undefined;
  readonly update: (change: Partial<PageState>) => void;
  readonly openFile: (file: File) => void;
  readonly openLinked: (source: LinkedSource, batch: number) => void;
  readonly plan: (policy: PolicyName | undefined, forced: readonly ForcedStep[]) => void;
  readonly measure: (plans: readonly ViewData[]) => void;
  readonly cancel: () => void;
  readonly close: () => void;
  readonly fail: (error: unknown) => void;
  readonly dismiss: () => void;
}

/** Documents beyond this are none of ours. */
const MAX_DOCUMENT_BYTES = 64 * 2 ** 20;

export function useInspector(): Inspector {
  const [state, setState] = useState<PageState>(START);
  const [opened, setOpened] = useState<Opened>();
  const [whatIf, setWhatIf] = useState<ViewData>();
  const [times, setTimes] = useState<ReadonlyMap<string, MeasuredPlan>>(new Map());
  const [busy, setBusy] = useState<Busy>();
  const [problem, setProblem] = useState<Problem>();
  /** What Cancel ends. */
  const running = useRef<Engine | undefined>(undefined);
  const stateNow = useRef(state);
  const openedNow = useRef(opened);

  const update = useCallback((change: Partial<PageState>): void => {
    stateNow.current = { ...stateNow.current, ...change };
    setState(stateNow.current);
    history.replaceState(null, '', `#${formatFragment(stateNow.current)}`);
  }, []);
  const fail = useCallback((error: unknown): void => {
    if (error instanceof EngineError && error.isCancelled) return;
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    setProblem({ name, message });
  }, []);
  const show = (next: Opened | undefined): void => {
    openedNow.current?.engine?.close();
    openedNow.current = next;
    setOpened(next);
    setWhatIf(undefined);
    setTimes(new Map());
  };

  /** Does work with a sign of it, and shows what goes wrong. */
  const during = async (
    what: string,
    work: (told: (progress: Progress) => void) => Promise<void>,
  ): Promise<void> => {
    setProblem(undefined);
    setBusy({ what, progress: undefined });
    try {
      await work((progress) => setBusy({ what, progress }));
    } catch (error) {
      fail(error);
      // What could not be opened is not what a link should open.
      update(openedNow.current?.link ?? { source: START.source, batch: START.batch });
    } finally {
      running.current = undefined;
      setBusy(undefined);
    }
  };

  const linkNow = (): Opened['link'] => ({ source: stateNow.current.source, batch: stateNow.current.batch });
  const openModel = async (request: OpenRequest, told: (progress: Progress) => void): Promise<void> => {
    // A worker of its own: what is open stays open until this one is, or when it fails or is cancelled.
    const engine = modelEngine();
    running.current = engine;
    const transfer = request.source.kind === 'bytes' ? [request.source.bytes] : [];
    try {
      const { data, gpu, image } = await engine.call('open', request, told, transfer);
      show({ base: data, engine, gpu, image, link: linkNow() });
    } catch (error) {
      engine.close();
      throw error;
    }
    const { policy, forced } = stateNow.current;
    if (policy || forced.length > 0)
      setWhatIf(await engine.call('whatIf', { ...(policy && { policy }), forced }));
  };
  const showDocument = (text: string, name: string): void => {
    show({
      base: parseDocument(text, name),
      engine: undefined,
      gpu: 'none',
      image: undefined,
      link: linkNow(),
    });
  };

  const openFile = (file: File): void => {
    void during(`reading ${file.name}`, async (told) => {
      update({ ...START, tab: stateNow.current.tab, colouring: stateNow.current.colouring });
      if (/\.json$/i.test(file.name)) {
        if (file.size > MAX_DOCUMENT_BYTES) throw new Error(`${file.name} is too large for a document`);
        showDocument(await file.text(), file.name);
        return;
      }
      const source: Source = { kind: 'bytes', name: file.name, bytes: await file.arrayBuffer() };
      await openModel({ source, batch: 1, target: 'gpu' }, told);
    });
  };
  const openLinked = (source: LinkedSource, batch: number): void => {
    const name = source.kind === 'demo' ? 'digits.onnx' : source.name;
    void during(`opening ${name}`, async (told) => {
      update({ source, batch });
      if (source.kind === 'network') {
        await openModel({ source: { kind: 'network', name }, batch, target: 'gpu' }, told);
        return;
      }
      const path = source.kind === 'demo' ? 'demo/digits.onnx' : source.path;
      const response = await fetch(`./${path}`);
      if (!response.ok) throw new Error(`${path} is not beside this page (${response.status})`);
      if (source.kind === 'document') {
        showDocument(await response.text(), name);
        return;
      }
      const bytes = await response.arrayBuffer();
      await openModel({ source: { kind: 'bytes', name, bytes }, batch, target: 'gpu' }, told);
    });
  };

  useEffect(() => {
    const linked = (): void => {
      const next = parseFragment(location.hash);
      const before = JSON.stringify([stateNow.current.source, stateNow.current.batch]);
      stateNow.current = next;
      setState(next);
      if (next.source && JSON.stringify([next.source, next.batch]) !== before)
        openLinked(next.source, next.batch);
    };
    linked();
    addEventListener('hashchange', linked);
    return () => removeEventListener('hashchange', linked);
  }, []);

  const plan = (policy: PolicyName | undefined, forced: readonly ForcedStep[]): void => {
    const { engine } = openedNow.current ?? {};
    if (!engine) return;
    void during('planning', async () => {
      const isBase = policy === undefined && forced.length === 0;
      setWhatIf(isBase ? undefined : await engine.call('whatIf', { ...(policy && { policy }), forced }));
      update({ policy, forced });
    });
  };
  const measure = (plans: readonly ViewData[]): void => {
    const { engine } = openedNow.current ?? {};
    if (!engine) return;
    void during('measuring', async (told) => {
      for (const { plan: document } of plans) {
        const measured = await engine.call('measure', document, told);
        setTimes((before) => new Map(before).set(planKey(document), measured));
      }
    });
  };

  const base = useMemo(
    () => opened && withTimes(opened.base, times.get(planKey(opened.base.plan))),
    [opened, times],
  );
  const current = useMemo(
    () => (whatIf ? withTimes(whatIf, times.get(planKey(whatIf.plan))) : base),
    [whatIf, base, times],
  );
  return {
    state,
    opened,
    base,
    current,
    placed: usePlaced((whatIf ?? opened?.base)?.plan, fail),
    busy,
    problem,
    update,
    openFile,
    openLinked,
    plan,
    measure,
    cancel: () => running.current?.close(),
    close: () => {
      show(undefined);
      update(START);
      setProblem(undefined);
    },
    fail,
    dismiss: () => setProblem(undefined),
  };
}

/** Where the boxes of a plan's graph are, as soon as they are known. */
function usePlaced(
  plan: ViewData['plan'] | undefined,
  fail: (error: unknown) => void,
): PlacedGraph | undefined {
  const [placed, setPlaced] = useState<{ readonly plan: ViewData['plan']; readonly graph: PlacedGraph }>();
  const engine = useMemo(() => layoutEngine(), []);
  useEffect(() => {
    if (!plan) return undefined;
    let isCurrent = true;
    engine.call('place', plan).then((graph) => isCurrent && setPlaced({ plan, graph }), fail);
    return () => {
      isCurrent = false;
    };
  }, [plan]);
  return placed && placed.plan === plan ? placed.graph : undefined;
}
