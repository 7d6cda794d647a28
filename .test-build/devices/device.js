export {};
//# sourceMappingURL=device.js.map