"use strict";
// Numbers to take along: a cell as text, an array as CSV or as numpy's own file.

/** @typedef {ReturnType<typeof makeCopying>} Copying */

/** @param {Numbers} numbers @param {Notices} notices */
function makeCopying(numbers, { toast, notice }) {
  /** @type {Record<string, { descr: string, list: (numbers: number[]) => ArrayBufferView }>} */
  const KINDS = {
    float64: { descr: "<f8", list: (own) => new Float64Array(own) },
    float32: { descr: "<f4", list: (own) => new Float32Array(own) },
    int64: { descr: "<i8", list: (own) => BigInt64Array.from(own, BigInt) },
    int32: { descr: "<i4", list: (own) => new Int32Array(own) },
    int16: { descr: "<i2", list: (own) => new Int16Array(own) },
    int8: { descr: "|i1", list: (own) => new Int8Array(own) },
    uint8: { descr: "|u1", list: (own) => new Uint8Array(own) },
    bool: { descr: "|b1", list: (own) => new Uint8Array(own) },
  };

  /** @param {Answer} found */
  function text(found) {
    const words = [`${found.name} = ${found.value}`, ...found.lines].join("\n");
    const refused = () => notice("copy", `This browser does not let the page copy; here it is: ${words}`);
    if (!navigator.clipboard) return refused();
    navigator.clipboard.writeText(words).then(() => toast("copied"), refused);
  }

  /** @param {number} id */
  function csv(id) {
    const { shape, type } = numbers.array(id);
    const columns = shape.length > 1 ? shape[shape.length - 1] : 1;
    const cells = [...numbers.decode(numbers.array(id).data ?? "")].map((number) => numbers.exact(number, type));
    const rows = Array.from({ length: cells.length / columns }, (_, row) => cells.slice(row * columns, (row + 1) * columns).join(","));
    return `${rows.join("\n")}\n`;
  }

  // NumPy's format 1.0: magic, length of the header, header padded to 64 bytes, cells in row-major order.
  /** @param {number} id */
  function npy(id) {
    const { shape, type, data } = numbers.array(id);
    const kind = KINDS[type] ?? KINDS.float64;
    const tuple = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
    const words = `{'descr': '${kind.descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
    const header = words.padEnd(Math.ceil((words.length + 11) / 64) * 64 - 11) + "\n";
    const head = new Uint8Array([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, header.length & 255, header.length >> 8, ...new TextEncoder().encode(header)]);
    return new Blob([head, /** @type {BlobPart} */ (kind.list([...numbers.decode(data ?? "")]))]);
  }

  /** @param {number} id @param {"csv" | "npy"} kind */
  function save(id, kind) {
    if (!numbers.carried(id)) return notice("copy", "This page does not carry the whole matrix; trace.npz beside it does.");
    const blob = kind === "csv" ? new Blob([csv(id)], { type: "text/csv" }) : npy(id);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${numbers.array(id).name.replace(/[^\w.-]+/g, "_").slice(0, 80) || "array"}.${kind}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  return { text, save };
}
