#include "tests/bench/quick_reader.hpp"

#include "shared/wire/codec.hpp"
#include "tests/bench/sample_frames.hpp"

#include <stdexcept>

namespace parley::bench {

void check_quick_reader() {
    wire::event event;
    event.seq = 17;
    event.id.op = op_id_of(42);
    event.kind = change_kind::message;
    event.text = sample_text;
    wire::watermark watermark;
    watermark.w = 16;
    bytes message;
    wire::append(message, event);
    wire::append(message, watermark);
    watermark.voids.push_back({});
    wire::append(message, watermark);

    bool agrees = true;
    int frames = 0;
    for_each_frame(message, [&](byte_view bytes) {
        const quick_frame frame{bytes.data()};
        if (frames++ == 0) {
            agrees = frame.what() == quick_frame::type::event && frame.event_seq() == 17 &&
                     frame.event_number() == 42;
        } else {
            agrees = agrees && frame.what() == quick_frame::type::watermark && frame.watermark_w() == 16 &&
                     frame.watermark_has_voids() == (frames == 3);
        }
    });
    if (!agrees || frames != 3) {
        throw std::logic_error("the generator's field numbers are not those of parley.fbs");
    }
}

}  // namespace parley::bench
