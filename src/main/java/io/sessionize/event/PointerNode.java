package io.sessionize.event;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A node of a tree of JSON Pointers (RFC 6901): one step of all pointers that begin alike. So one
 * pass over a value finds them all, with one look-up for each field.
 */
final class PointerNode {
  private static final int[] NO_INDEXES = {};

  private final String name;
  private final Map<String, PointerNode> children = new HashMap<>();
  private Slot slot;
  private boolean isBatch;

  // Set by compile().
  private int[] indexes = NO_INDEXES;
  private PointerNode[] elements = {};
  private Slot[] below = {};
  private boolean holdsBatch;
  private boolean isLeaf = true;

  // Fields mostly come in the order of the last object.
  private PointerNode firstChild;
  private PointerNode nextSibling;

  /** The root of a tree. */
  PointerNode() {
    this("");
  }

  private PointerNode(String name) {
    this.name = name;
  }

  /** Returns the node of a pointer that starts here; it is added if there is none. */
  PointerNode add(String pointer) {
    PointerNode node = this;
    for (String step : steps(pointer)) {
      node = node.children.computeIfAbsent(step, PointerNode::new);
    }
    return node;
  }

  /** Returns the node of a pointer that starts here; null if there is none. */
  PointerNode find(String pointer) {
    PointerNode node = this;
    for (String step : steps(pointer)) {
      node = node == null ? null : node.children.get(step);
    }
    return node;
  }

  private static List<String> steps(String pointer) {
    if (pointer.isEmpty()) {
      return List.of();
    }
    return Arrays.stream(pointer.substring(1).split("/", -1))
        .map(step -> step.replace("~1", "/").replace("~0", "~"))
        .toList();
  }

  /** The slot of the value here; it is added if there is none. */
  Slot addSlot(String pointer) {
    if (slot == null) {
      slot = new Slot(pointer);
    }
    return slot;
  }

  /** Says that the value here is the array of events of a record. */
  void markBatch() {
    isBatch = true;
  }

  /** Ends the additions to this node and those below. Returns the slots of all of them. */
  List<Slot> compile() {
    List<Slot> slots = new ArrayList<>();
    for (PointerNode child : children.values()) {
      slots.addAll(child.compile());
      holdsBatch |= child.holdsBatch || child.isBatch;
    }
    below = slots.toArray(Slot[]::new);
    isLeaf = children.isEmpty() && !isBatch;
    // A field's name may be any text, an index is a number without leading zeros.
    indexes =
        children.keySet().stream()
            .filter(name -> name.matches("0|[1-9][0-9]{0,8}"))
            .mapToInt(Integer::parseInt)
            .sorted()
            .toArray();
    elements = new PointerNode[indexes.length];
    for (int i = 0; i < indexes.length; i++) {
      elements[i] = children.get(Integer.toString(indexes[i]));
    }
    if (slot != null) {
      slots.add(slot);
    }
    return slots;
  }

  /** The slot of the value here; null if no pointer ends here. */
  Slot slot() {
    return slot;
  }

  boolean isBatch() {
    return isBatch;
  }

  /** Whether the array of events is below this node. */
  boolean holdsBatch() {
    return holdsBatch;
  }

  /** Whether no pointer goes on from here, and no batch is here. */
  boolean isLeaf() {
    return isLeaf;
  }

  /**
   * The node of a field; null if no pointer goes there.
   *
   * @param before the last node that this method found in the same object; null at first
   */
  PointerNode field(String field, PointerNode before) {
    PointerNode expected = before == null ? firstChild : before.nextSibling;
    if (expected != null && expected.name.equals(field)) {
      return expected;
    }
    PointerNode found = children.get(field);
    if (found != null && before == null) {
      firstChild = found;
    } else if (found != null) {
      before.nextSibling = found;
    }
    return found;
  }

  /** The indexes of elements to which pointers go, ascending. */
  int[] indexes() {
    return indexes;
  }

  /** The node of the element with this index, by its position in {@link #indexes}. */
  PointerNode element(int position) {
    return elements[position];
  }

  /** Clears the slots below this node: of a repeated field, the last one counts. */
  void clearBelow() {
    for (Slot each : below) {
      each.clear();
    }
  }
}
