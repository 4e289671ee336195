"use strict";
// What travels as tables (mnistviz/export/page/tables.py), as the page's other scripts read it.

/** @param {TravellingData} data @returns {PageData} */
function unpacked(data) {
  const { arrays, operations } = data;
  return {
    ...data,
    arrays: Object.fromEntries(arrays.numbers.map((number, place) => [number,
      { ...arrays.heads[arrays.head[place]], moment: arrays.moments[arrays.moment[place]], data: arrays.data[place] }])),
    operations: Object.fromEntries(operations.made.map((number, place) => [number,
      { ...operations.kinds[operations.kind[place]], number: operations.numbers[place], inputs: operations.inputs[place] }])),
  };
}
