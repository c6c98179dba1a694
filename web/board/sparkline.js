// A small graph of the last minute on a canvas, in the colours of the page.

export class Sparkline {
  #canvas;

  constructor(canvas) { this.#canvas = canvas; }

  // Bars of `values` from the left, the latest right; the axis reaches to `max`.
  bars(values, max) {
    const {context, width, height} = this.#clear();
    const step = width / values.length;
    const bar = Math.max(1, step - 1);
    values.forEach((value, i) => {
      const high = value === 0 ? 1 : Math.max(2, value / max * (height - 1));
      context.globalAlpha = value === 0 ? 0.25 : 1;
      context.fillRect(i * step, height - high, bar, high);
    });
    context.globalAlpha = 1;
  }

  // A band from `low` to `high` and the line of `low`; null is a second without events.
  band(low, high, max) {
    const {context, width, height} = this.#clear();
    const step = width / low.length;
    const y = (value) => height - 1 - Math.min(1, value / max) * (height - 2);
    low.forEach((value, i) => {
      if (value === null) return;
      context.globalAlpha = 0.25;
      context.fillRect(i * step, y(high[i]), step, y(value) - y(high[i]));
      context.globalAlpha = 1;
      context.fillRect(i * step, y(value) - 0.75, step, 1.5);
    });
  }

  // In CSS pixels, sharp on any screen.
  #clear() {
    const canvas = this.#canvas;
    const {clientWidth: width, clientHeight: height} = canvas;
    const scale = devicePixelRatio;
    if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
    if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
    const context = canvas.getContext('2d');
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    context.fillStyle = getComputedStyle(canvas).color;
    return {context, width, height};
  }
}
