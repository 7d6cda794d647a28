/** Where the page begins. */
import { render } from 'preact';
import { VIEW_STYLE } from 'lanewise/views';
import { App } from './app.js';
import './style.css';

const style = new CSSStyleSheet();
style.replaceSync(VIEW_STYLE);
document.adoptedStyleSheets = [style];

const root = document.getElementById('app');
if (root) render(<App />, root);
