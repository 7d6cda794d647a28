/** What is known of a Linux machine's Vulkan without loading it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasGpuNode, hasVulkanDriver, hasVulkanLoader, namesVulkanDriver } from '../../src/host/vulkan.js';

describe.skipIf(process.platform === 'win32')('Vulkan on Linux', () => {
  let folder: string;
  let manifest: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lanewise-vulkan-'));
    writeFileSync(join(folder, 'libvulkan.so.1'), '');
    mkdirSync(join(folder, 'vulkan/icd.d'), { recursive: true });
    manifest = join(folder, 'vulkan/icd.d/some_icd.json');
    writeFileSync(manifest, '{}');
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('has a loader when the linker would find one', () => {
    expect(hasVulkanLoader({ LD_LIBRARY_PATH: `/nowhere:${folder}` })).toBe(true);
    expect(hasVulkanLoader({ LD_LIBRARY_PATH: '/nowhere' })).toBe(hasVulkanLoader({}));
  });

  it('has a driver when the loader would find its manifest', () => {
    const nowhere = { HOME: '/nowhere', XDG_CONFIG_DIRS: '/nowhere', XDG_DATA_DIRS: '/nowhere' };
    const names = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES', 'VK_ADD_DRIVER_FILES'];
    for (const name of names) {
      expect(hasVulkanDriver({ ...nowhere, [name]: `/nowhere.json:${manifest}` })).toBe(true);
      expect(namesVulkanDriver({ [name]: `/nowhere.json:${manifest}` })).toBe(true);
      expect(namesVulkanDriver({ [name]: '/nowhere.json' })).toBe(false);
      expect(hasVulkanDriver({ ...nowhere, [name]: '/nowhere.json' })).toBe(hasVulkanDriver(nowhere));
    }
    for (const name of ['XDG_CONFIG_HOME', 'XDG_CONFIG_DIRS', 'XDG_DATA_HOME', 'XDG_DATA_DIRS']) {
      expect(hasVulkanDriver({ ...nowhere, [name]: folder })).toBe(true);
    }
  });

  it('has a GPU when there is a file to reach one through', () => {
    const nodes = ['dri/renderD128', 'nvidia0', 'nvidiactl', 'dxg', 'kgsl-3d0', 'mali0', 'nvmap'];
    const others = ['dri/card0', 'dri/by-path', 'nvidia-caps', 'null', 'malice', 'xdxg'];
    for (const [names, expected] of [
      [nodes, true],
      [others, false],
    ] as const) {
      for (const [i, name] of names.entries()) {
        const root = join(folder, `dev-${expected}-${i}`);
        mkdirSync(join(root, 'dri'), { recursive: true });
        writeFileSync(join(root, name), '');
        expect([name, hasGpuNode(root)]).toEqual([name, expected]);
      }
    }
    expect(hasGpuNode(join(folder, 'nowhere'))).toBe(false);
  });
});
