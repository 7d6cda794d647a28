import { it } from 'vitest';
import { chooseLayouts, type LayoutNode, type LayoutProblem } from '../../src/plan/assignment/index.js';

function rng(seed: number) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
type Mut = { label: string; inputs: number[]; outputs: number[]; options: any[] };
class B {
  nodes: Mut[] = [];
  next = 1;
  sizes = new Map<number, number>([[0, 10000]]);
  constructor(
    readonly L: number,
    readonly r: () => number,
    readonly mixed = true,
  ) {}
  add(kind: string, inputs: number[], weight = 1): number {
    const out = this.next++;
    const L = this.L;
    const size = 2000 + Math.floor(this.r() * 20000);
    this.sizes.set(out, size);
    const options = [];
    for (let l = 0; l < L; l++) {
      const base = weight * size * (0.5 + 2 * this.r());
      options.push({ inputs: inputs.map(() => l), outputs: [l], cost: base });
      options.push({ inputs: inputs.map(() => l), outputs: [l], cost: base * 1.3 });
      if (this.mixed)
        for (let m = 0; m < L; m++)
          if (m !== l)
            options.push({ inputs: inputs.map(() => l), outputs: [m], cost: base + size * (0.3 + this.r()) });
    }
    this.nodes.push({ label: kind + out, inputs, outputs: [out], options });
    return out;
  }
  problem(out: number): LayoutProblem {
    const r = rng(99);
    const f = Array.from({ length: 64 }, () => 0.5 + r());
    return {
      nodes: this.nodes as LayoutNode[],
      inputs: new Map([[0, 0]]),
      outputs: [{ value: out, layout: 0 }],
      transform: (v, a, b) => (a === b ? 0 : (this.sizes.get(v) ?? 0) * f[a * 8 + b] + 500),
    };
  }
}
const nets: Record<string, (b: B) => number> = {
  chain500: (b) => {
    let x = 0;
    for (let i = 0; i < 500; i++) x = b.add('c', [x]);
    return x;
  },
  resnet: (b) => {
    let x = b.add('c', [0]);
    while (b.nodes.length < 500) {
      const y = b.add('c', [b.add('c', [b.add('c', [x])])]);
      x = b.add('r', [b.add('a', [y, x])]);
    }
    return x;
  },
  inception: (b) => {
    let x = b.add('c', [0]);
    while (b.nodes.length < 500) {
      const c = (v: number) => b.add('c', [v]);
      const p = [c(x), c(c(x)), c(c(c(x))), c(c(x))];
      x = b.add('concat', p);
    }
    return x;
  },
  inceptionV4: (b) => {
    let x = b.add('c', [0]);
    while (b.nodes.length < 500) {
      const c = (v: number) => b.add('c', [v]);
      const t = c(x),
        u = c(c(x));
      const p = [c(x), c(t), c(t), c(u), c(u), c(c(x))];
      x = b.add('concat', p);
    }
    return x;
  },
  nasnet: (b) => {
    let p = b.add('c', [0]),
      q = b.add('c', [p]);
    const c = (v: number) => b.add('c', [v]);
    const a = (v: number, w: number) => b.add('add', [v, w]);
    while (b.nodes.length < 500) {
      const h0 = c(p),
        h1 = c(q);
      const x = [a(c(h1), h1), a(c(h0), c(h1)), a(c(h1), h0), a(c(h0), c(h0)), a(c(h0), c(h1))];
      const y = b.add('concat', [h0, ...x]);
      p = q;
      q = y;
    }
    return q;
  },
  darts: (b) => {
    let p = b.add('c', [0]),
      q = b.add('c', [p]);
    const c = (v: number) => b.add('c', [v]);
    const a = (v: number, w: number) => b.add('add', [v, w]);
    while (b.nodes.length < 500) {
      const s0 = c(p),
        s1 = c(q);
      const s2 = a(c(s0), c(s1));
      const s3 = a(c(s0), c(s1));
      const s4 = a(c(s1), s0);
      const s5 = a(s0, c(s2));
      const y = b.add('concat', [s2, s3, s4, s5]);
      p = q;
      q = y;
    }
    return q;
  },
  densenetIncremental: (b) => {
    let x = b.add('c', [0]);
    while (b.nodes.length < 500) {
      const f = b.add('c', [b.add('c', [x])]);
      x = b.add('concat', [x, f]);
    }
    return x;
  },
  densenet121: (b) => {
    let x = b.add('c', [0]);
    for (const n of [6, 12, 24, 16]) {
      const fs = [x];
      for (let i = 0; i < n; i++) {
        const cat = b.add('concat', fs.slice());
        fs.push(b.add('c', [b.add('bn', [b.add('c', [b.add('bn', [cat])])])]));
      }
      x = b.add('c', [b.add('concat', fs)]);
    }
    return x;
  },
  hrnet: (b) => {
    const c = (v: number) => b.add('c', [v]);
    let xs = [c(0), c(0), c(0), c(0)];
    while (b.nodes.length < 480) {
      const y = xs.map((v) => c(c(v)));
      xs = y.map((_, i) =>
        y.reduce((s: number, v, j) => {
          const t = i === j ? v : c(v);
          return s < 0 ? t : b.add('add', [s, t]);
        }, -1),
      );
    }
    return b.add('concat', xs);
  },
  unetpp: (b) => {
    const c = (v: number) => b.add('c', [v]);
    const D = 8;
    const x: number[][] = [];
    for (let i = 0; i < D; i++) {
      x.push([]);
      x[i][0] = c(c(i ? b.add('p', [x[i - 1][0]]) : 0));
    }
    for (let j = 1; j < D; j++)
      for (let i = 0; i + j < D; i++)
        x[i][j] = c(c(b.add('concat', [...x[i].slice(0, j), b.add('up', [x[i + 1][j - 1]])])));
    return x[0][D - 1];
  },
};
const only = process.env.NETS?.split(',');
for (const [name, build] of Object.entries(nets))
  for (const L of [4, 8])
    for (const mixed of [false, true]) {
      if (only && !only.includes(name)) continue;
      it(`${name} L${L} ${mixed}`, () => {
        const b = new B(L, rng(7), mixed);
        const out = build(b);
        const problem = b.problem(out);
        const t = performance.now();
        const s = chooseLayouts(problem);
        const dt = performance.now() - t;
        if (s.status !== 'solved') {
          console.log(name, s.status);
          return;
        }
        const t2 = performance.now();
        const f = s.forceCost(3, 1, { milliseconds: 50 });
        const t3 = performance.now();
        if (s.steps === 0) for (let i = 0; i < problem.nodes.length; i++) s.runnerUp(i);
        const t4 = performance.now();
        console.log(
          name,
          'L',
          L,
          mixed,
          'nodes',
          problem.nodes.length,
          'ms',
          dt.toFixed(0),
          'opt',
          s.optimal,
          'gap',
          (s.gap * 100).toFixed(3),
          '% steps',
          s.steps,
          'transforms',
          s.transforms.length,
          'force',
          (t3 - t2).toFixed(0),
          'all runners',
          (t4 - t3).toFixed(0),
          f.cost / s.cost,
        );
      });
    }
