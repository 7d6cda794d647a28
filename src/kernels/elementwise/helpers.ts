/**
 * Functions that WGSL lacks, or has too inaccurate: its sin and cos may be off by 2^-11, its atan by 4096 units in the
 * last place, and tanh and sinh may overflow on the way. These stay within a few units in the last place of f32 with
 * multiplications, exp and log alone, and keep NaN wherever the device's comparisons and selections do.
 *
 * Polynomials without a note are those of the single-precision functions of S. L. Moshier's Cephes Mathematical
 * Library (sinf.c, atanf.c, asinf.c, sinhf.c, tanhf.c, asinhf.c, logf.c).
 *
 * `F_` stands for the name of the function that a helper serves, so that texts of several functions meet in one
 * module without a clash.
 */
export const HELPERS: Readonly<Record<string, string>> = {
  /** e^x - 1, by its Taylor series where that would cancel. */
  expm1: /* wgsl */ `
fn F_expm1(x: f32) -> f32 {
  let s = x * (1.0 + x / 2.0 * (1.0 + x / 3.0 * (1.0 + x / 4.0 * (1.0 + x / 5.0 * (1.0 + x / 6.0 * (1.0 + x / 7.0))))));
  return select(exp(x) - 1.0, s, abs(x) < 0.4);
}
`,

  /** ln(1 + x) for x >= 0. */
  log1p: /* wgsl */ `
fn F_log1p(x: f32) -> f32 {
  let z = x * x;
  var p = 7.0376836292e-2 * x - 1.1514610310e-1;
  p = p * x + 1.1676998740e-1;
  p = p * x - 1.2420140846e-1;
  p = p * x + 1.4249322787e-1;
  p = p * x - 1.6668057665e-1;
  p = p * x + 2.0000714765e-1;
  p = p * x - 2.4999993993e-1;
  p = p * x + 3.3333331174e-1;
  return select(log(1.0 + x), x + (p * x * z - 0.5 * z), x < 0.4);
}
`,

  /** The logistic function; e^-|x| never overflows. */
  logistic: /* wgsl */ `
fn F_logistic(x: f32) -> f32 {
  let e = exp(-abs(x));
  return select(1.0, e, x < 0.0) / (1.0 + e);
}
`,

  tanh: /* wgsl */ `
fn F_tanh(x: f32) -> f32 {
  let z = x * x;
  var p = -5.70498872745e-3 * z + 2.06390887954e-2;
  p = p * z - 5.37397155531e-2;
  p = p * z + 1.33314422036e-1;
  p = p * z - 3.33332819422e-1;
  let e = exp(-2.0 * abs(x));
  let far = (1.0 - e) / (1.0 + e);
  return select(select(far, -far, x < 0.0), x + x * z * p, abs(x) < 0.625);
}
`,

  /**
   * erf(x) / x for |x| < 0.9, as a polynomial of x^2. Fitted by iteratively reweighted least squares to a relative
   * error of 1.2e-8.
   */
  erf_near: /* wgsl */ `
fn F_erf_near(x: f32) -> f32 {
  let z = x * x;
  var p = -6.0903578e-4 * z + 5.01196226e-3;
  p = p * z - 2.67789084e-2;
  p = p * z + 1.12821408e-1;
  p = p * z - 3.76125246e-1;
  return p * z + 1.12837911;
}
`,

  /**
   * erfc(t) for t >= 0.9: e^(-t^2) times a polynomial of k = 1 / (1 + t / 2), fitted as above to a relative error of
   * 8.7e-8. It runs out into 0 as it should.
   */
  erfc_far: /* wgsl */ `
fn F_erfc_far(t: f32) -> f32 {
  let k = 1.0 / (1.0 + 0.5 * t);
  var p = 8.92351046e-2 * k - 2.17453048e-1;
  p = p * k + 7.62621388e-2;
  p = p * k + 6.21236637e-2;
  p = p * k + 1.79416493e-1;
  p = p * k + 2.4661544e-1;
  p = p * k + 2.82100528e-1;
  p = p * k + 2.82094777e-1;
  return exp(-t * t) * p * k;
}
`,

  /**
   * sin(x + phase * pi / 2). The argument is reduced by pi / 2 in three parts (Cody and Waite), whose products with
   * the quotient are exact while |x| < 8192; beyond, accuracy fades.
   */
  wave: /* wgsl */ `
fn F_wave(x: f32, phase: i32) -> f32 {
  let q = round(x * 0.636619772);
  let r = ((x - q * 1.5703125) - q * 4.837512969970703125e-4) - q * 7.54978995489188e-8;
  let z = r * r;
  let s = ((-1.9515295891e-4 * z + 8.3321608736e-3) * z - 1.6666654611e-1) * z * r + r;
  let c = ((2.443315711809948e-5 * z - 1.388731625493765e-3) * z + 4.166664568298827e-2) * z * z - 0.5 * z + 1.0;
  let quadrant = i32(q) + phase;
  let value = select(s, c, (quadrant & 1) != 0);
  return select(value, -value, (quadrant & 2) != 0);
}
`,

  /** asin(x) for |x| <= 1/2. */
  asin_near: /* wgsl */ `
fn F_asin_near(x: f32) -> f32 {
  let z = x * x;
  var p = 4.2163199048e-2 * z + 2.4181311049e-2;
  p = p * z + 4.5470025998e-2;
  p = p * z + 7.4953002686e-2;
  p = p * z + 1.6666752422e-1;
  return x + x * z * p;
}
`,

  /** acos(t) for t from 1/2 to 1: twice the arc sine of the half angle. */
  acos_near: /* wgsl */ `
fn F_acos_near(t: f32) -> f32 { return 2.0 * F_asin_near(sqrt(0.5 - 0.5 * t)); }
`,

  atan: /* wgsl */ `
fn F_atan(x: f32) -> f32 {
  let t = abs(x);
  let far = t > 2.414213562;
  let middle = t > 0.414213562;
  let u = select(select(t, (t - 1.0) / (t + 1.0), middle), -1.0 / t, far);
  let z = u * u;
  let p = ((8.05374449538e-2 * z - 1.38776856032e-1) * z + 1.99777106478e-1) * z - 3.33329491539e-1;
  let y = select(select(0.0, 0.785398163, middle), 1.570796327, far) + (p * z * u + u);
  return select(y, -y, x < 0.0);
}
`,

  sinh: /* wgsl */ `
fn F_sinh(x: f32) -> f32 {
  let z = x * x;
  let near = ((2.03721912945e-4 * z + 8.33028376239e-3) * z + 1.66667160211e-1) * z * x + x;
  // The root of e^|x|: the product overflows only where the result does.
  let e = exp(0.5 * abs(x));
  let far = 0.5 * e * e - 0.5 / e / e;
  return select(select(far, -far, x < 0.0), near, abs(x) < 1.0);
}
`,

  asinh: /* wgsl */ `
fn F_asinh(x: f32) -> f32 {
  let t = abs(x);
  let z = x * x;
  let p = ((2.0122003309e-2 * z - 4.2699340972e-2) * z + 7.4847586088e-2) * z - 1.6666288134e-1;
  // ln(t + sqrt(t^2 + 1)), without the square where it is so large that it does not matter or overflows.
  let far = select(log(t + sqrt(z + 1.0)), log(t) + 0.693147181, t > 1e4);
  return select(select(far, -far, x < 0.0), p * z * x + x, t < 0.5);
}
`,

  acosh: /* wgsl */ `
fn F_acosh(x: f32) -> f32 {
  let t = x - 1.0;
  return select(F_log1p(t + sqrt(t * (t + 2.0))), log(x) + 0.693147181, x > 1e4);
}
`,

  atanh: /* wgsl */ `
fn F_atanh(x: f32) -> f32 {
  let t = abs(x);
  let y = 0.5 * F_log1p(2.0 * t / (1.0 - t));
  return select(y, -y, x < 0.0);
}
`,

  /** Whether x is NaN, by its bits: a shader compiler may assume that no number is. */
  is_nan: /* wgsl */ `
fn F_is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
`,

  /**
   * a^b. Whole exponents by repeated squaring: exact where the power is a whole number of up to 24 bits, and negative
   * bases are allowed; others, and large ones, through the logarithm (relative error 1e-7 times |b log2 a|).
   */
  pow: /* wgsl */ `
fn F_pow(a: f32, b: f32) -> f32 {
  let whole = trunc(b) == b;
  if (whole && abs(b) <= 64.0) {
    var rest = u32(abs(b));
    var square = a;
    var result = select(1.0, a, (rest & 1u) != 0u);
    for (rest = rest >> 1u; rest > 0u; rest = rest >> 1u) {
      square = square * square;
      if ((rest & 1u) != 0u) { result = result * square; }
    }
    return select(result, 1.0 / result, b < 0.0);
  }
  // The logarithm of a negative base is NaN, and so is its power, unless the exponent is whole.
  let magnitude = exp2(b * log2(select(a, abs(a), whole)));
  return select(magnitude, -magnitude, whole && a < 0.0 && fract(0.5 * b) != 0.0);
}
`,

  /**
   * a - b * trunc(a / b), with the sign of a. Quotient and divisor are cut in halves of 12 bits, whose products are
   * exact (Dekker; not every device fuses `fma`), and a quotient that was rounded up is put right: exact but for
   * rounding while the quotient has 24 bits.
   */
  remainder: /* wgsl */ `
fn F_remainder(a: f32, b: f32) -> f32 {
  let n = abs(a);
  let d = abs(b);
  let q = trunc(n / d);
  let d_high = bitcast<f32>(bitcast<u32>(d) & 0xfffff000u);
  let q_high = bitcast<f32>(bitcast<u32>(q) & 0xfffff000u);
  let d_low = d - d_high;
  let q_low = q - q_high;
  var r = n - q_high * d_high - q_high * d_low - q_low * d_high - q_low * d_low;
  r = select(r, r + d, r < 0.0);
  r = select(r, r - d, r >= d);
  // A dividend below the divisor stays, though the divisor be infinite.
  r = select(r, n, n < d);
  return select(r, -r, a < 0.0);
}
`,
};

/** Helpers are written for the prefix `F_`; a call of one is this. */
const CALL = /\bF_([a-z]\w*)\(/g;

/** The helpers that a text calls, directly or not, each once and before its first use. */
export function helpersOf(text: string): string {
  const found = new Set<string>();
  const collect = (caller: string): string => {
    let texts = '';
    for (const [, name] of caller.matchAll(CALL)) {
      const helper = HELPERS[name];
      if (helper === undefined || found.has(name)) continue;
      found.add(name);
      texts += collect(helper) + helper.trimStart();
    }
    return texts;
  };
  return collect(text);
}
