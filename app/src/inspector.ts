/** What is open, and all that can be done with it: the page's state, as a hook. */
import type { ForcedStep, PolicyName, WhatIf } from 'lanewise';
import type { ViewData } from 'lanewise/views';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { parseDocument } from './document.js';
import { sortDropped } from './dropped.js';
import { EngineError, modelEngine, type Engine } from './engine/client.js';
import type { MeasuredPlan, OpenRequest, Source } from './engine/protocol.js';
import { START, formatFragment, parseFragment, type LinkedSource, type PageState } from './fragment.js';
import { Jobs, type Busy, type Job } from './jobs.js';
import { planKey, sameStep, withTimes } from './plans.js';
import {
  BARE,
  type Inspector,
  type Opened,
  type Problem,
  type Question,
  type ShownDevices,
} from './opened.js';
import { usePlaced } from './placed.js';
import { nameOfLink, sourceOfDocument, sourceOfLink, textOfDocument } from './sources.js';

export function useInspector(): Inspector {
  const [state, setState] = useState<PageState>(START);
  const [opened, setOpened] = useState<Opened>();
  const [whatIf, setWhatIf] = useState<ViewData>();
  const [times, setTimes] = useState<ReadonlyMap<string, MeasuredPlan>>(new Map());
  const [busy, setBusy] = useState<Busy>();
  const [problem, setProblem] = useState<Problem>();
  const [question, setQuestion] = useState<Question>();
  const [devices, setDevices] = useState<ShownDevices>();
  const jobs = useMemo(() => new Jobs(setBusy), []);
  // As they are now, for work that began when they were otherwise.
  const questionNow = useRef(question);
  const stateNow = useRef(state);
  const openedNow = useRef(opened);
  const whatIfNow = useRef(whatIf);

  const update = useCallback((change: Partial<PageState>): void => {
    stateNow.current = { ...stateNow.current, ...change };
    setState(stateNow.current);
    writeAddress(stateNow.current);
  }, []);
  const fail = useCallback((error: unknown): void => {
    // What its engine left behind when something else was opened.
    if (error instanceof EngineError && error.isCancelled) return;
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    setProblem({ name, message });
  }, []);
  const ask = (next: Question | undefined): void => {
    questionNow.current = next;
    setQuestion(next);
  };
  const setOpenedNow = (next: Opened | undefined): void => {
    openedNow.current = next;
    setOpened(next);
  };
  /** Shows another plan of what is open; nothing stands for the plan as opened. The chosen step stays the same node's. */
  const showPlan = (
    next: ViewData | undefined,
    policy?: PolicyName,
    forced: readonly ForcedStep[] = [],
  ): void => {
    const base = openedNow.current?.base;
    const [before, after] = [whatIfNow.current ?? base, next ?? base];
    const { step } = stateNow.current;
    whatIfNow.current = next;
    setWhatIf(next);
    update({
      policy,
      forced,
      step: before && after && step !== undefined ? sameStep(step, before, after) : step,
    });
  };
  /** Shows something else, with the state that belongs to it. */
  const show = (next: Opened | undefined, change: Partial<PageState>): void => {
    setDevices(undefined);
    openedNow.current?.engine?.close();
    setOpenedNow(next);
    whatIfNow.current = undefined;
    setWhatIf(undefined);
    setTimes(new Map());
    const { tab, colouring } = stateNow.current;
    update({ ...START, tab, colouring, ...change });
  };

  /** Does work in place of what is under way, and shows what goes wrong. */
  const start = async <T>(what: string, work: (job: Job) => Promise<T>): Promise<T | undefined> => {
    questionNow.current?.cancel();
    setProblem(undefined);
    try {
      return await jobs.run(what, work);
    } catch (error) {
      fail(error);
      return undefined;
    } finally {
      // What could not be opened is not what the address should say.
      writeAddress(stateNow.current);
    }
  };
  /**
   * Does something with a worker of its own, which ends with it, unless it is what is open then.
   * @param work answers whether the worker is still needed
   */
  const opening = (
    what: string,
    work: (engine: Engine, job: Job) => Promise<boolean>,
    engine = modelEngine(),
  ): void => {
    const drop = (): void => {
      if (openedNow.current?.engine !== engine) engine.close();
    };
    void start(what, async (job) => {
      job.signal.addEventListener('abort', drop, { once: true });
      let isNeeded = false;
      try {
        isNeeded = await work(engine, job);
      } finally {
        if (!isNeeded) drop();
      }
    });
  };
  const askWhatIf = async (engine: Engine, request: WhatIf, signal: AbortSignal): Promise<void> => {
    const answer = await engine.call('whatIf', request, { signal });
    const basis = openedNow.current?.base.basis;
    showPlan(basis ? { ...answer, basis } : answer, request.policy, request.forced);
  };
  /** Asks what a link does, whose step is one of the answer. */
  const askLinked = async (engine: Engine, { policy, forced = [] }: WhatIf, job: Job): Promise<void> => {
    if (!policy && forced.length === 0) return;
    const { step } = stateNow.current;
    await askWhatIf(engine, { ...(policy && { policy }), forced }, job.signal);
    update({ step });
  };
  /** @param link what a link to it says; nothing for a dropped file */
  const openRead = async (
    engine: Engine,
    request: OpenRequest,
    job: Job,
    link: Partial<PageState> = {},
    document?: ViewData,
  ): Promise<boolean> => {
    const { data, gpu, image } = await engine.call('open', request, job);
    const { policy, forced = [], ...rest } = link;
    show({ base: data, document, engine, gpu, image, model: undefined }, rest);
    // The model is open, whatever a link wants of it.
    await askLinked(engine, { ...(policy && { policy }), forced }, job).catch((error: unknown) => {
      if (!job.signal.aborted) fail(error);
    });
    return true;
  };
  const openDocument = async (
    name: string,
    from: File | string,
    link: Partial<PageState> & Pick<PageState, 'source'>,
  ): Promise<void> => {
    const { policy, forced = [], ...rest } = link;
    const document = await start(`opening ${name}`, async ({ signal }) => {
      const read = parseDocument(await textOfDocument(from, signal), name);
      signal.throwIfAborted();
      if (read.kind === 'devices') {
        show(undefined, { source: link.source });
        setDevices(read);
        return undefined;
      }
      const { data: base } = read;
      show({ ...BARE, base, model: sourceOfDocument(base, link.source) }, rest);
      return base;
    });
    if (document) answerElsewhere(document, { ...(policy && { policy }), forced });
  };
  /**
   * Gives a document an engine that answers for the device that it was planned for, where the model and what the plan rests on are
   * to be had.
   * @param first what is asked at once
   */
  const answerElsewhere = (document: ViewData, first: WhatIf): void => {
    const { plan: own, basis } = document;
    const { model } = openedNow.current ?? {};
    if (!basis || !model || openedNow.current?.base !== document) return;
    opening(`preparing “what if” for ${document.device}`, async (engine, job) => {
      await engine.call('read', model, job);
      await engine.call('open', { ...shapesOf(document), elsewhere: { plan: own, basis } }, job);
      setOpenedNow({ ...BARE, base: document, model, engine });
      await askLinked(engine, first, job);
      return true;
    });
  };

  const openModel = (source: Source): void => {
    const { name } = source;
    opening(`opening ${name}`, async (engine, job) => {
      const { isBatchFree } = await engine.call('read', source, job);
      if (!isBatchFree) return openRead(engine, { batch: 1 }, job);
      ask({
        name,
        answer: (batch) => {
          ask(undefined);
          opening(`opening ${name}`, (kept, next) => openRead(kept, { batch }, next), engine);
        },
        cancel: () => {
          engine.close();
          ask(undefined);
        },
      });
      return true;
    });
  };
  const openFiles: Inspector['openFiles'] = (files) => {
    void start('looking at the files', async ({ signal }) => {
      const dropped = sortDropped(await files);
      signal.throwIfAborted();
      if (dropped.kind === 'model') openModel(dropped.source);
      else void openDocument(dropped.file.name, dropped.file, { source: undefined });
    });
  };
  const openLinkedState = (
    source: LinkedSource,
    link: Partial<PageState> & Pick<PageState, 'batch'>,
  ): void => {
    const name = nameOfLink(source);
    if (source.kind === 'document') {
      void openDocument(name, source.path, { ...link, source });
      return;
    }
    opening(`opening ${name}`, async (engine, job) => {
      await engine.call('read', sourceOfLink(source), job);
      return openRead(engine, { batch: link.batch }, job, { ...link, source });
    });
  };

  const plan = (policy: PolicyName | undefined, forced: readonly ForcedStep[]): void => {
    const { engine } = openedNow.current ?? {};
    if (!engine) return;
    void start('planning', async ({ signal }) => {
      if (policy || forced.length > 0) {
        await askWhatIf(engine, { ...(policy && { policy }), forced }, signal);
      } else showPlan(undefined);
    });
  };
  useEffect(() => {
    const linked = (): void => {
      const next = parseFragment(location.hash);
      const { source, batch, policy, forced } = stateNow.current;
      if (next.source && !isSame([next.source, next.batch], [source, batch])) {
        openLinkedState(next.source, next);
        return;
      }
      const { tab, colouring, step } = next;
      update({ tab, colouring, step });
      if (!isSame([next.policy, next.forced], [policy, forced])) plan(next.policy, next.forced);
    };
    linked();
    addEventListener('hashchange', linked);
    return () => removeEventListener('hashchange', linked);
  }, []);

  const measure = (plans: readonly ViewData[]): void => {
    const { engine } = openedNow.current ?? {};
    if (!engine) return;
    void start('measuring', async (job) => {
      for (const { plan: document } of plans) {
        const measured = await engine.call('measure', document, job);
        setTimes((before) => new Map(before).set(planKey(document), measured));
      }
    });
  };
  const planHere = (document: ViewData, model: Source): void => {
    opening(`opening ${document.model}`, async (engine, job) => {
      await engine.call('read', model, job);
      return openRead(engine, shapesOf(document), job, { source: stateNow.current.source }, document);
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
  const { model } = opened ?? {};
  return {
    state,
    opened,
    base,
    current,
    placed: usePlaced((whatIf ?? opened?.base)?.plan, fail),
    busy,
    problem,
    question,
    devices,
    update,
    openFiles,
    openLinked: (source, batch) => openLinkedState(source, { batch }),
    plan,
    measure,
    planHere: opened && model && (() => planHere(opened.base, model)),
    planThere:
      opened && model && opened.base.basis && !opened.engine
        ? () => answerElsewhere(opened.base, {})
        : undefined,
    close: () => {
      jobs.end();
      questionNow.current?.cancel();
      show(undefined, { tab: START.tab, colouring: START.colouring });
      setProblem(undefined);
    },
    fail,
    dismiss: () => setProblem(undefined),
  };
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The state as the page's address, which then opens it again. */
function writeAddress(state: PageState): void {
  history.replaceState(null, '', `#${formatFragment(state)}`);
}

/** The shapes and the precision that a document is of. */
function shapesOf({ plan: { inputs, tensors, dtype } }: ViewData): OpenRequest {
  const dims = Object.fromEntries(inputs.map((port) => [port.name, tensors[port.tensor].dims]));
  return { batch: 1, dims, dtype };
}
