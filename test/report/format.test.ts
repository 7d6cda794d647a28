import { expect, test } from 'vitest';
import {
  cleanText,
  formatBytes,
  formatCount,
  formatFlops,
  formatMilliseconds,
  formatNumber,
  formatPercent,
  plural,
  shorten,
} from '../../src/report/index.js';

test('bytes have three digits and binary units', () => {
  expect([0, 1, 1023, 1024, 12_595, 1_048_575, 1_048_576, 574_668_960, 2 ** 33].map(formatBytes)).toEqual([
    '0 B',
    '1 B',
    '1023 B',
    '1.00 KiB',
    '12.3 KiB',
    '1.00 MiB',
    '1.00 MiB',
    '548 MiB',
    '8.00 GiB',
  ]);
});

test('operations have decimal units', () => {
  expect([0, 999, 1000, 3_340_000, 999_600, 39_300_000_000].map(formatFlops)).toEqual([
    '0',
    '999',
    '1.00 k',
    '3.34 M',
    '1.00 M',
    '39.3 G',
  ]);
});

test('times have three digits', () => {
  expect([0, 0.0004, 0.0123, 0.9996, 1.234, 9.996, 45.67, 99.96, 1234.5].map(formatMilliseconds)).toEqual([
    '0.000',
    '0.000',
    '0.012',
    '1.000',
    '1.23',
    '10.0',
    '45.7',
    '100',
    '1235',
  ]);
});

test('counts, numbers and shares', () => {
  expect([0, 999, 1000, 143_667_240].map(formatCount)).toEqual(['0', '999', '1,000', '143,667,240']);
  expect([0.99812345, -12.5, 3.14159e-7, 1e21, NaN, -Infinity].map(formatNumber)).toEqual([
    '0.9981',
    '-12.5',
    '3.142e-7',
    '1e+21',
    'NaN',
    '-Infinity',
  ]);
  expect(formatPercent(0.99984)).toBe('99.98 %');
  expect([plural(1, 'run'), plural(2000, 'run')]).toEqual(['1 run', '2,000 runs']);
});

test('names from a model file cannot steer the terminal', () => {
  expect(cleanText('a\u001B[31mred\u001B]0;title\u0007\r\nb\u009B1m\u202Egnp\u2028')).toBe(
    'a[31mred]0;titleb1mgnp',
  );
  expect(cleanText('Größe 層 😀')).toBe('Größe 層 😀');
});

test('long names keep both ends', () => {
  expect(shorten('resnetv17_stage1_conv0_fwd', 12)).toBe('resnet…0_fwd');
  expect(shorten('short', 5)).toBe('short');
  expect(shorten('short', 0)).toBe('');
});
