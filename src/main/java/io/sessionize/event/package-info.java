/**
 * Bytes to events or rejections: what a record must hold, and what becomes of one that does not.
 */
package io.sessionize.event;
