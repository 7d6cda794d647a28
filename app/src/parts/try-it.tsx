/** A picture through the network: the answer, the time of every layer, and what layers make of it. */
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { formatMicroseconds, formatPercent, type ViewData } from 'lanewise/views';
import type { Engine } from '../engine/client.js';
import type { FeatureMaps, ImageInput, RunAnswer } from '../engine/protocol.js';
import { Jobs, type Busy, type Job } from '../jobs.js';
import { SCALINGS, centredDrawing, drawMap, pixelsOf, type Scaling } from '../pictures.js';
import { DrawPad } from './draw-pad.js';
import { Working } from './working.js';

interface TryItProps {
  readonly data: ViewData;
  readonly engine: Engine;
  readonly image: ImageInput;
  readonly step: number | undefined;
  readonly onProblem: (problem: unknown) => void;
  /** When all is well again. */
  readonly onAnswer: () => void;
}

type Picture = readonly [source: CanvasImageSource, size: readonly [number, number]];

const BEST = 5;

export function TryIt({ data, engine, image, step, onProblem, onAnswer }: TryItProps): JSX.Element {
  const [answer, setAnswer] = useState<RunAnswer>();
  const [maps, setMaps] = useState<FeatureMaps>();
  const [scaling, setScaling] = useState<Scaling>(image.dims[1] === 3 ? 'imagenet' : 'unit');
  const [labels, setLabels] = useState<readonly string[]>([]);
  const [layer, setLayer] = useState(step ?? 0);
  const [busy, setBusy] = useState<Busy>();
  const jobs = useMemo(() => new Jobs(setBusy), []);
  useEffect(() => () => jobs.end(), []);
  const pixels = useRef<Float32Array | undefined>(undefined);
  const isDigit = image.dims[1] === 1 && image.dims[2] === 28 && image.dims[3] === 28;
  const { plan } = data;

  const start = async (what: string, work: (job: Job) => Promise<void>): Promise<void> => {
    await jobs.run(what, work).catch(onProblem);
  };
  const run = (input: Float32Array): Promise<void> => {
    pixels.current = input;
    setMaps(undefined);
    return start('preparing the run', async (job) => {
      setAnswer(await engine.call('run', { plan, pixels: input }, job));
      onAnswer();
    });
  };
  const show = ([source, size]: Picture): Promise<void> => run(pixelsOf(source, size, image, scaling));
  const look = (at: number): void => {
    const { current } = pixels;
    if (!current) return;
    void start('preparing the feature maps', async (job) => {
      setMaps(await engine.call('features', { plan, step: at, pixels: current }, job));
    });
  };
  const openFile = async (file: File): Promise<void> => {
    try {
      if (file.name.endsWith('.txt')) {
        setLabels((await file.text()).split(/\r?\n/).map((line) => line.trim()));
        return;
      }
      const bitmap = await createImageBitmap(file);
      await show([bitmap, [bitmap.width, bitmap.height]]);
    } catch (error) {
      onProblem(new Error(`${file.name} is no picture that this browser reads`, { cause: error }));
    }
  };

  return (
    <div class="try-it">
      <section>
        <h2>{isDigit ? 'Draw a digit' : 'Show it a picture'}</h2>
        {isDigit && (
          <DrawPad
            onDraw={(canvas) => {
              const centred = centredDrawing(canvas);
              if (centred) void show([centred, [28, 28]]);
            }}
            onClear={() => {
              jobs.end();
              setAnswer(undefined);
              setMaps(undefined);
            }}
          />
        )}
        <p class="bar">
          <label class="file">
            {isDigit ? 'or open a picture (white on black)' : 'Open a picture, or a .txt of labels'}
            <input
              type="file"
              accept="image/*,.txt"
              onChange={({ currentTarget: { files } }) => {
                const [file] = files ?? [];
                if (file) void openFile(file);
              }}
            />
          </label>
          {image.dims[1] === 3 && (
            <label>
              Numbers{' '}
              <select
                value={scaling}
                onChange={({ currentTarget: { value } }) =>
                  setScaling(SCALINGS.find((one) => one === value) ?? 'unit')
                }
              >
                <option value="imagenet">less ImageNet's mean, by its deviation</option>
                <option value="unit">0 to 1</option>
              </select>
            </label>
          )}
        </p>
        {!isDigit && <Camera onPicture={show} onProblem={onProblem} />}
      </section>
      <section aria-live="polite" class="answer">
        <h2>The answer</h2>
        {busy?.progress && <Working busy={busy} />}
        {!answer && <p>Nothing yet.</p>}
        {answer && <Answer answer={answer} labels={labels} />}
      </section>
      {answer && (
        <section>
          <h2>Layer by layer</h2>
          <p class="note">{answer.timing}</p>
          <LayerTimes data={data} answer={answer} />
        </section>
      )}
      {answer && (
        <section>
          <h2>Feature maps</h2>
          <p class="bar">
            <label>
              of{' '}
              <select value={layer} onChange={({ currentTarget: { value } }) => setLayer(Number(value))}>
                {plan.steps.map(({ op, name, output }, i) =>
                  output.dims.length === 4 ? (
                    <option key={i} value={i}>
                      {i + 1}. {op} {name}
                    </option>
                  ) : null,
                )}
              </select>
            </label>
            <button type="button" onClick={() => look(layer)}>
              Show
            </button>
          </p>
          {maps && <Maps maps={maps} />}
        </section>
      )}
    </div>
  );
}

function Answer({
  answer: { scores, run },
  labels,
}: {
  readonly answer: RunAnswer;
  readonly labels: readonly string[];
}): JSX.Element {
  const sum = scores.reduce((total, score) => total + score, 0);
  const isShare = Math.abs(sum - 1) < 0.02;
  const best = scores
    .map((score, i) => ({ score, label: labels[i] || String(i) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, BEST);
  return (
    <>
      <ol class="scores">
        {best.map(({ score, label }) => (
          <li key={label}>
            <strong>{label}</strong> {isShare ? formatPercent(score) : score.toPrecision(4)}
            {isShare && <meter min={0} max={1} value={score} aria-hidden="true" />}
          </li>
        ))}
      </ol>
      <p>{formatMicroseconds(run)} µs for the whole run, transfers apart.</p>
    </>
  );
}

function LayerTimes({ data, answer }: { readonly data: ViewData; readonly answer: RunAnswer }): JSX.Element {
  const most = Math.max(...answer.steps, 1);
  return (
    <ul class="layers">
      {data.plan.steps.map(({ op, name, outputLayout }, i) => (
        <li key={i}>
          <span>
            {op} {name} <small>{outputLayout}</small>
          </span>
          <meter min={0} max={most} value={answer.steps[i] ?? 0} aria-hidden="true" />
          <span class="number">{formatMicroseconds(answer.steps[i] ?? 0)} µs</span>
        </li>
      ))}
    </ul>
  );
}

function Maps({ maps }: { readonly maps: FeatureMaps }): JSX.Element {
  const { channels, width, height, total } = maps;
  return (
    <>
      <p>
        {channels.length} of {total} channels, {width}×{height}; each from its least value (black) to its
        greatest (white).
      </p>
      <div class="maps">
        {channels.map((values, i) => (
          <FeatureMap key={i} {...{ values, width, height, index: i }} />
        ))}
      </div>
    </>
  );
}

interface FeatureMapProps extends Pick<FeatureMaps, 'width' | 'height'> {
  readonly values: Float32Array;
  readonly index: number;
}

function FeatureMap({ values, width, height, index }: FeatureMapProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current) drawMap(canvas.current, values, width, height);
  }, [values, width, height]);
  return <canvas ref={canvas} role="img" aria-label={`channel ${index}`} title={`channel ${index}`} />;
}

/** Pictures of a camera, one after the other, as fast as they are answered. */
function Camera({
  onPicture,
  onProblem,
}: {
  readonly onPicture: (picture: Picture) => Promise<void>;
  readonly onProblem: (problem: unknown) => void;
}): JSX.Element | null {
  const video = useRef<HTMLVideoElement>(null);
  const [stream, setStream] = useState<MediaStream>();
  const latest = useRef(onPicture);
  latest.current = onPicture;
  useEffect(() => {
    const element = video.current;
    if (!stream || !element) return undefined;
    const stop = new AbortController();
    element.srcObject = stream;
    void (async () => {
      await element.play();
      while (!stop.signal.aborted) {
        if (element.videoWidth > 0)
          await latest.current([element, [element.videoWidth, element.videoHeight]]);
        await new Promise(requestAnimationFrame);
      }
    })().catch(onProblem);
    return () => {
      stop.abort();
      for (const track of stream.getTracks()) track.stop();
    };
  }, [stream]);
  if (!('mediaDevices' in navigator)) return null;
  return (
    <div class="camera">
      {stream && <video ref={video} muted playsInline aria-label="The camera's picture" />}
      <button
        type="button"
        onClick={() => {
          if (stream) setStream(undefined);
          else navigator.mediaDevices.getUserMedia({ video: true }).then(setStream, onProblem);
        }}
      >
        {stream ? 'Stop the camera' : 'Use the camera'}
      </button>
    </div>
  );
}
