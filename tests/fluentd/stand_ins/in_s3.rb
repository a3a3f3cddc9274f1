# Stands in for fluent-plugin-s3: the lines of $DOORLOG_TEST_S3, read as that plugin reads a file from S3.
require "fluent/plugin/input"

module Fluent::Plugin
  class StandInS3 < Input
    Fluent::Plugin.register_input("s3", self)
    helpers :parser, :thread
    config_param :tag, :string
    config_param :s3_bucket, :string
    config_param :s3_region, :string
    config_param :store_as, :string
    config_section(:sqs) { config_param :queue_name, :string }
    config_section(:parse) { config_set_default :@type, "none" }

    def start
      super
      parser = parser_create
      thread_create(:read) do
        sleep 0.5
        events = Fluent::MultiEventStream.new
        File.foreach(ENV.fetch("DOORLOG_TEST_S3")) { |line| parser.parse(line) { |time, record| events.add(time, record) } }
        router.emit_stream(@tag, events)
      end
    end
  end
end
