// SPDX-License-Identifier: GPL-2.0-only
// The compressed texts of the page. A pack is decompressed when a text in it is first needed.

export class Packs {
  #packs;
  #bytes = new Map();

  constructor(packs) {
    this.#packs = packs;
  }

  async text(place) {
    const [pack, at, size] = place;
    if (!this.#bytes.has(pack)) this.#bytes.set(pack, inflate(this.#packs[pack]));
    const bytes = await this.#bytes.get(pack);
    return new TextDecoder().decode(bytes.subarray(at, at + size));
  }
}

async function inflate(base64) {
  const packed = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
