/** Devices, by their profiles. */
import type { JSX } from 'preact';
import { deviceView } from 'lanewise/views';
import type { ShownDevices } from '../opened.js';
import { elementsOf } from './picture.js';

export function DevicePage({ devices: { name, devices } }: { readonly devices: ShownDevices }): JSX.Element {
  return (
    <main class="devices" tabIndex={-1}>
      <h1>What {devices.length === 1 ? 'this device' : 'these devices'} can do</h1>
      <p class="note">
        Measured by <code>lanewise tune</code>, read from {name}. To plan for it:{' '}
        <code>lanewise inspect MODEL --profile {name}</code>
      </p>
      {devices.map((device) => (
        <article key={device.profile.name}>{elementsOf(deviceView(device))}</article>
      ))}
    </main>
  );
}
