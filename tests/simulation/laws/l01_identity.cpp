#include "shared/base/limits.hpp"
#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/world/stage.hpp"

#include <map>

namespace parley::simulation {

namespace {

/// L1: a change id names one content, wherever it is seen; ids that are offered are in range by the server's
/// time. (That no id is made twice, and no wish becomes two ops, the chronicle sees.)
class identity final : public law {
public:
    identity(surroundings& around, chronicle& seen) : law("L1 identity", around, seen) {}

    void composed(tab&, const composed_op& op) override {
        if (op.kind == change_kind::message && op.instead_of.op.is_zero()) know(op.change, op.text);
    }

    void judged(const append_item& item, const append_answer& answer) override {
        if (answer.what == judgement::placed) check(item.event, "placed");
    }

    void stored(const wire::event& event) override { check(event, "stored"); }

    void told(const seen_session&, const wire::frame_down& frame) override {
        if (const auto* event = std::get_if<wire::event>(&frame)) check(*event, "told");
    }

    void drawn(tab& where) override {
        const auto* view = where.shown().is_zero() ? nullptr : where.core().room(where.shown());
        if (!view) return;
        for (const auto& row : view->rows)
            if (row.kind == change_kind::message) know(row.change, row.text);
    }

private:
    void check(const wire::event& event, const char* how) {
        if (event.kind != change_kind::message) return;
        require_or(know(event.id, event.text), [&] {
            return "op " + to_text(event.id.op) + " is " + how + " with another content at " +
                   std::to_string(event.seq);
        });
    }

    bool know(const change_id& change, const std::string& text) {
        const auto [at, fresh] = content_.emplace(change, text);
        require_or(fresh || at->second == text, [&] {
            return "op " + to_text(change.op) + " has two contents: " + at->second + " and " + text;
        });
        return true;
    }

    std::map<change_id, std::string> content_;
};

}  // namespace

law_ptr make_identity(surroundings& around, chronicle& seen) {
    return std::make_unique<identity>(around, seen);
}

}  // namespace parley::simulation
