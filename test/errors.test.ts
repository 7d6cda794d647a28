/** What programs rely on in errors, beside their messages. */
import { describe, expect, it } from 'vitest';
import * as errors from '../src/errors.js';

const DETAILS = { remedy: 'Do better.' };

describe('the name of an error', () => {
  const made: readonly (readonly [string, Error])[] = [
    ['LanewiseError', new errors.LanewiseError('it fails', DETAILS)],
    ['FormatError', new errors.FormatError('it fails', DETAILS)],
    ['GraphError', new errors.GraphError('it fails', DETAILS)],
    ['UnsupportedError', new errors.UnsupportedError('operator Loop')],
    ['ShapeError', new errors.ShapeError('it fails', DETAILS)],
    ['LimitError', new errors.LimitError('it fails', DETAILS)],
    ['InputError', new errors.InputError('it fails', DETAILS)],
    ['ExternalDataError', new errors.ExternalDataError('it fails', DETAILS)],
    ['DeviceError', new errors.DeviceError('it fails', DETAILS)],
    ['CompileError', new errors.CompileError('relu_f32', 'text', 'line 1')],
    ['MissingPackageError', new errors.MissingPackageError('webgpu', 'a GPU')],
    ['SessionError', new errors.SessionError('it fails', DETAILS)],
    ['PlanError', new errors.PlanError('it fails', DETAILS)],
  ];

  it.each(made)('%s is its class', (name, error) => {
    expect(error.name).toBe(name);
    expect(error).toBeInstanceOf(errors.LanewiseError);
    expect(String(error)).toBe(`${name}: ${error.message}`);
  });

  it('is there for every class', () => {
    expect(made.map(([name]) => name).sort()).toEqual(Object.keys(errors).sort());
  });

  it('is a text of its own, which renaming the class does not change', () => {
    class Q extends errors.ShapeError {}
    expect(new Q('it fails', DETAILS).name).toBe('ShapeError');
  });
});

describe('a kernel that does not compile', () => {
  it('is a failure of the device that names the kernel, and keeps its text out of what is printed', () => {
    const error = new errors.CompileError('relu_f32', 'the whole text', '3:1 expected ";"');
    expect(error).toBeInstanceOf(errors.DeviceError);
    expect(error).toMatchObject({ kernel: 'relu_f32', code: 'the whole text' });
    expect(error.message).toBe(
      'kernel relu_f32 does not compile (3:1 expected ";"). Please report this with the device; another layout policy ' +
        'may avoid the kernel.',
    );
    expect(Object.values(error)).not.toContain('the whole text');
  });
});
