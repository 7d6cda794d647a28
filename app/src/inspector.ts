/** What is open, and all that can be done with it: the page's state, as a hook. */
import { NETWORK_NAMES, type ForcedStep, type PolicyName, type Progress } from 'lanewise';
import type { KnownDevice, PlacedGraph, ViewData } from 'lanewise/views';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { parseDocument } from './document.js';
import { EngineError, layoutEngine, modelEngine, type Engine } from './engine/client.js';
import type {
  ImageInput,
  MeasuredPlan,
  OpenRequest,
  OpenedModel,
  ReadModel,
  Source,
} from './engine/protocol.js';
import { START, formatFragment, parseFragment, type LinkedSource, type PageState } from './fragment.js';
import { planKey, withTimes } from './measured.js';

/** A model, or a document alone. */
interface Opened {
  /** The plan as it was opened. */
  readonly base: ViewData;
  /** The document that was planned again in the page, which is opened from it. */
  readonly document: ViewData | undefined;
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
  readonly cancel: (() => void) | undefined;
}

/** A model that was read and waits for its batch size. */
export interface Question {
  readonly name: string;
  readonly answer: (batch: number) => void;
  readonly cancel: () => void;
}

export interface ShownDevices {
  /** The file's name. */
  readonly name: string;
  readonly devices: readonly KnownDevice[];
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
  readonly question: Question | undefined;
  /** What a device's profile says, in place of a model. */
  readonly devices: ShownDevices | undefined;
  readonly update: (change: Partial<PageState>) => void;
  readonly openFile: (file: File) => void;
  readonly openLinked: (source: LinkedSource, batch: number) => void;
  readonly plan: (policy: PolicyName | undefined, forced: readonly ForcedStep[]) => void;
  readonly measure: (plans: readonly ViewData[]) => void;
  /** Plans what a document is of in the page; undefined where the model is not to be had. */
  readonly planHere: (() => void) | undefined;
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
  const [question, setQuestion] = useState<Question>();
  const questionNow = useRef<Question | undefined>(undefined);
  const [devices, setDevices] = useState<ShownDevices>();
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
  const ask = (next: Question | undefined): void => {
    questionNow.current = next;
    setQuestion(next);
  };
  const show = (next: Opened | undefined): void => {
    setDevices(undefined);
    openedNow.current?.engine?.close();
    openedNow.current = next;
    setOpened(next);
    setWhatIf(undefined);
    setTimes(new Map());
  };

  /** What could not be opened is not what a link should open. */
  const relink = (): void => update(openedNow.current?.link ?? { source: START.source, batch: START.batch });
  /** Does work with a sign of it, and shows what goes wrong. */
  const during = async (
    what: string,
    work: (told: (progress: Progress) => void) => Promise<void>,
    cancel?: () => void,
  ): Promise<void> => {
    questionNow.current?.cancel();
    setProblem(undefined);
    setBusy({ what, progress: undefined, cancel });
    try {
      await work((progress) => setBusy({ what, progress, cancel }));
    } catch (error) {
      fail(error);
      relink();
    } finally {
      setBusy(undefined);
    }
  };

  const linkNow = (): Opened['link'] => ({ source: stateNow.current.source, batch: stateNow.current.batch });
  /**
   * Does something with a worker of its own: what is open stays open until its model is, or when it fails or is cancelled.
   * @param work answers whether it keeps the worker
   */
  const opening = (
    what: string,
    work: (engine: Engine, told: (progress: Progress) => void) => Promise<boolean>,
    engine = modelEngine(),
  ): void => {
    void during(
      what,
      async (told) => {
        let isKept = false;
        try {
          isKept = await work(engine, told);
        } finally {
          if (!isKept) engine.close();
        }
      },
      () => engine.close(),
    );
  };
  const openRead = async (
    engine: Engine,
    request: OpenRequest,
    onProgress: (progress: Progress) => void,
    document?: ViewData,
  ): Promise<boolean> => {
    const { data, gpu, image } = await engine.call('open', request, { onProgress });
    show({ base: data, document, engine, gpu, image, link: linkNow() });
    const { policy, forced } = stateNow.current;
    // The model is open, whatever a link wants of it.
    if (policy || forced.length > 0)
      await engine.call('whatIf', { ...(policy && { policy }), forced }).then(setWhatIf, fail);
    return true;
  };
  const showDocument = (text: string, name: string): void => {
    const document = parseDocument(text, name);
    if (document.kind === 'devices') {
      show(undefined);
      setDevices(document);
      return;
    }
    const { data: base } = document;
    show({ base, document: undefined, engine: undefined, gpu: 'none', image: undefined, link: linkNow() });
  };

  const openFile = (file: File): void => {
    const { name } = file;
    const { tab, colouring } = stateNow.current;
    if (/\.json$/i.test(name)) {
      void during(`reading ${name}`, async () => {
        update({ ...START, tab, colouring });
        if (file.size > MAX_DOCUMENT_BYTES) throw new Error(`${name} is too large for a document`);
        showDocument(await file.text(), name);
      });
      return;
    }
    opening(`reading ${name}`, async (engine, onProgress) => {
      update({ ...START, tab, colouring });
      const bytes = await file.arrayBuffer();
      const { isBatchFree } = await read(engine, { kind: 'bytes', name, bytes }, onProgress);
      if (!isBatchFree) return openRead(engine, { batch: 1, target: 'gpu' }, onProgress);
      ask({
        name,
        answer: (batch) => {
          ask(undefined);
          const request: OpenRequest = { batch, target: 'gpu' };
          opening(`opening ${name}`, (kept, told) => openRead(kept, request, told), engine);
        },
        cancel: () => {
          engine.close();
          ask(undefined);
          relink();
        },
      });
      return true;
    });
  };
  const openLinked = (source: LinkedSource, batch: number): void => {
    const name = source.kind === 'demo' ? 'digits.onnx' : source.name;
    if (source.kind === 'document') {
      void during(`opening ${name}`, async () => {
        update({ source, batch });
        showDocument(await (await fetched(source.path)).text(), name);
      });
      return;
    }
    opening(`opening ${name}`, async (engine, onProgress) => {
      update({ source, batch });
      await read(engine, await sourceOf(source, name), onProgress);
      return openRead(engine, { batch, target: 'gpu' }, onProgress);
    });
  };
  const planHere = (document: ViewData, source: LinkedSource): void => {
    const name = document.model;
    opening(`opening ${name}`, async (engine, onProgress) => {
      await read(engine, await sourceOf(source, name), onProgress);
      const { inputs, tensors, dtype } = document.plan;
      const dims = Object.fromEntries(inputs.map((port) => [port.name, tensors[port.tensor].dims]));
      return openRead(engine, { batch: 1, dims, dtype, target: 'gpu' }, onProgress, document);
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
    const { abort, signal } = cancellation();
    void during(
      'measuring',
      async (onProgress) => {
        for (const { plan: document } of plans) {
          const measured = await engine.call('measure', document, { onProgress, signal });
          setTimes((before) => new Map(before).set(planKey(document), measured));
        }
      },
      abort,
    );
  };

  const base = useMemo(
    () => opened && withTimes(opened.base, times.get(planKey(opened.base.plan))),
    [opened, times],
  );
  const current = useMemo(
    () => (whatIf ? withTimes(whatIf, times.get(planKey(whatIf.plan))) : base),
    [whatIf, base, times],
  );
  const modelSource = opened && !opened.engine ? modelOf(opened) : undefined;
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
    question,
    devices,
    planHere: opened && modelSource && (() => planHere(opened.base, modelSource)),
    close: () => {
      questionNow.current?.cancel();
      show(undefined);
      update(START);
      setProblem(undefined);
    },
    fail,
    dismiss: () => setProblem(undefined),
  };
}

function cancellation(): { readonly abort: () => void; readonly signal: AbortSignal } {
  const controller = new AbortController();
  return { abort: () => controller.abort(), signal: controller.signal };
}

/** Reads a model in a worker, which gets its bytes. */
function read(engine: Engine, source: Source, onProgress: (progress: Progress) => void): Promise<ReadModel> {
  return engine.call('read', source, {
    onProgress,
    transfer: source.kind === 'bytes' ? [source.bytes] : [],
  });
}

/** A file beside the page. @throws Error where it is not there */
async function fetched(path: string): Promise<Response> {
  const response = await fetch(`./${path}`);
  if (!response.ok) throw new Error(`${path} is not beside this page (${response.status})`);
  return response;
}

async function sourceOf(source: LinkedSource, name: string): Promise<Source> {
  if (source.kind === 'network') return { kind: 'network', name: source.name };
  const path = source.kind === 'demo' ? 'demo/digits.onnx' : source.path;
  return { kind: 'bytes', name, bytes: await (await fetched(path)).arrayBuffer() };
}

/** Where the page gets the model of a document: beside it, or as a network by name. */
function modelOf({ base, link }: Opened): LinkedSource | undefined {
  const { model: name } = base;
  const path = link.source?.kind === 'document' ? link.source.model : undefined;
  if (path !== undefined) return { kind: 'model', path, name };
  if (base.isPlanAlone || !NETWORK_NAMES.some((one) => one === name)) return undefined;
  return { kind: 'network', name };
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
